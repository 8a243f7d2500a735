using System.Runtime.CompilerServices;

namespace Actors.Tensors.Formats;

/// <summary>
/// bfloat16: 1 sign, 8 exponent and 7 mantissa bits, the upper half of a binary32. Rounds to nearest, ties to even;
/// overflow becomes infinity, NaN stays a quiet NaN with its sign.
/// </summary>
public static class BFloat16
{
    /// <summary>The nearest code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The exact value of a code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << 16);
}
