using System.Runtime.CompilerServices;

namespace Actors.Tensors;

/// <summary>How one element of a tensor is stored.</summary>
public enum ElementType
{
    /// <summary>IEEE binary32, 4 bytes.</summary>
    Float32,

    /// <summary>IEEE binary64, 8 bytes; only for sums that must not round.</summary>
    Float64,

    /// <summary>The upper half of a binary32, 2 bytes.</summary>
    BFloat16,

    /// <summary>FP8 with 4 exponent and 3 mantissa bits, largest finite value 448, 1 byte.</summary>
    E4M3,

    /// <summary>FP8 with 5 exponent and 2 mantissa bits, largest finite value 57344, 1 byte.</summary>
    E5M2,

    /// <summary>Two's-complement integer, 4 bytes.</summary>
    Int32,
}

/// <summary>Sizes of <see cref="ElementType"/> values.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeInBytes(this ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float64 => 8,
        ElementType.BFloat16 => 2,
        ElementType.E4M3 or ElementType.E5M2 => 1,
        _ => Unknown(type),
    };

    private static int Unknown(ElementType type) =>
        throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type.");
}
