using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors.Formats;

namespace Actors.Cpu.Simd.Quantized;

/// <summary>Spans of E4M3 codes, sixteen at a time; the bits of <see cref="E4M3"/>.</summary>
internal static unsafe class E4M3Lanes
{
    /// <summary>The code of a tile that holds a value that is not finite.</summary>
    public const byte NotANumber = 0x7F;

    private const uint SignBit = 0x8000_0000, SmallestNormal = 121u << 23;

    /// <summary>Added to a magnitude below the smallest normal: its last place is E4M3's smallest subnormal, so the addition rounds.</summary>
    private const uint SubnormalAddend = 141u << 23;

    private const uint LargestCode = 0x7E, CodeOfNaN = NotANumber;
    private const int DroppedBits = 20;

    /// <summary>2¹²⁰: float32's bias is 127, that of E4M3 is 7.</summary>
    private const float BiasRatio = 1.329227995784916e36f;

    /// <summary>The exact value of each code.</summary>
    public static void Decode(byte* codes, int count, float* values) => Decode(codes, count, scale: 1, values);

    /// <summary>The value of each code times <paramref name="scale"/>, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Decode(byte* codes, int count, float scale, float* values)
    {
        Vector512<float> factor = Vector512.Create(scale);
        int i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            (Value(Vector128.Load(codes + i)) * factor).Store(values + i);
        }

        for (; i < count; i++)
        {
            values[i] = E4M3.ToSingle(codes[i]) * scale;
        }
    }

    /// <summary>The code of each value divided by <paramref name="scale"/>; that of NaN for all where it is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Encode(float* values, int count, float scale, byte* codes)
    {
        if (float.IsNaN(scale))
        {
            new Span<byte>(codes, count).Fill(NotANumber);
            return;
        }

        Vector512<float> divisor = Vector512.Create(scale);
        int i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count)
        {
            Code(Vector512.Load(values + i) / divisor).Store(codes + i);
        }

        for (; i < count; i++)
        {
            codes[i] = E4M3.FromSingleSaturating(values[i] / scale);
        }
    }

    /// <summary>The largest magnitude; infinity or NaN where a value is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Magnitude(float* values, int count)
    {
        // As integers: magnitudes are in the order of their bits, with infinity and NaN behind all numbers.
        Vector512<uint> largest = Vector512<uint>.Zero, magnitudes = Vector512.Create(~SignBit);
        for (int i = 0; i < count; i += Lanes.Count)
        {
            largest = Vector512.Max(largest, Lanes.Load(values + i, count - i).AsUInt32() & magnitudes);
        }

        uint bits = 0;
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            bits = Math.Max(bits, largest[lane]);
        }

        return BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>Codes of finite values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Code(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32(), magnitude = bits & Vector512.Create(~SignBit), addend = Vector512.Create(SubnormalAddend);
        Vector512<uint> small = (magnitude.AsSingle() + addend.AsSingle()).AsUInt32() - addend;
        Vector512<uint> half = Vector512.Create((1u << (DroppedBits - 1)) - 1) + (Vector512.ShiftRightLogical(magnitude, DroppedBits) & Vector512<uint>.One);
        Vector512<uint> normal = Vector512.ShiftRightLogical(magnitude + half, DroppedBits) - Vector512.Create(120u << 3);
        Vector512<uint> isSmall = Vector512.LessThan(magnitude, Vector512.Create(SmallestNormal));
        Vector512<uint> code = Vector512.Min(Vector512.ConditionalSelect(isSmall, small, normal), Vector512.Create(LargestCode));
        code |= Vector512.ShiftRightLogical(bits & Vector512.Create(SignBit), 24);
        Vector256<ushort> narrow = Vector256.Narrow(code.GetLower(), code.GetUpper());
        return Vector128.Narrow(narrow.GetLower(), narrow.GetUpper());
    }

    /// <summary>Values of codes: their exponent and mantissa at a float32's place, times the ratio of the two biases; subnormals too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Value(Vector128<byte> codes)
    {
        var half = Vector256.Create(Vector128.WidenLower(codes), Vector128.WidenUpper(codes));
        var wide = Vector512.Create(Vector256.WidenLower(half), Vector256.WidenUpper(half));
        Vector512<uint> magnitude = wide & Vector512.Create(CodeOfNaN);
        Vector512<uint> sign = Vector512.ShiftLeft(wide ^ magnitude, 24);
        Vector512<float> value = Vector512.ShiftLeft(magnitude, DroppedBits).AsSingle() * Vector512.Create(BiasRatio);
        value = Vector512.ConditionalSelect(
            Vector512.Equals(magnitude, Vector512.Create(CodeOfNaN)).AsSingle(), Vector512.Create(float.NaN), value);
        return (value.AsUInt32() | sign).AsSingle();
    }
}
