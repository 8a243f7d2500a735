using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Tensors.Formats;

/// <summary>
/// bfloat16: 1 sign, 8 exponent and 7 mantissa bits, the upper half of a binary32. Rounds to nearest, ties to even;
/// overflow becomes infinity, NaN stays a quiet NaN with its sign.
/// </summary>
public static class BFloat16
{
    private const uint HalfBelow = 0x7FFF;
    private const uint QuietBit = 0x40;

    /// <summary>The nearest code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | QuietBit) : (ushort)((bits + HalfBelow + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The exact value of a code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << 16);

    /// <summary>The nearest code of each value.</summary>
    /// <param name="values">Values.</param>
    /// <param name="codes">Output, at least as long.</param>
    public static void FromSingle(ReadOnlySpan<float> values, Span<ushort> codes)
    {
        FormatSpans.CheckLength(values.Length, codes.Length);
        int step = Vector<ushort>.Count;
        int i = 0;
        for (; i <= values.Length - step; i += step)
        {
            Vector<uint> low = Round(new Vector<float>(values[i..]));
            Vector<uint> high = Round(new Vector<float>(values[(i + Vector<float>.Count)..]));
            Vector.Narrow(low, high).CopyTo(codes[i..]);
        }

        for (; i < values.Length; i++)
        {
            codes[i] = FromSingle(values[i]);
        }
    }

    /// <summary>The exact value of each code.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="values">Output, at least as long.</param>
    public static void ToSingle(ReadOnlySpan<ushort> codes, Span<float> values)
    {
        FormatSpans.CheckLength(codes.Length, values.Length);
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        int step = Vector<ushort>.Count;
        int i = 0;
        for (; i <= codes.Length - step; i += step)
        {
            Vector.Widen(new Vector<ushort>(codes[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < codes.Length; i++)
        {
            values[i] = ToSingle(codes[i]);
        }
    }

    /// <summary>The value of the nearest code of each value.</summary>
    /// <param name="values">Values.</param>
    /// <param name="rounded">Output, at least as long; may be <paramref name="values"/>.</param>
    public static void Round(ReadOnlySpan<float> values, Span<float> rounded)
    {
        FormatSpans.CheckLength(values.Length, rounded.Length);
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(rounded);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Round(new Vector<float>(values[i..])) << 16).CopyTo(bits[i..]);
        }

        for (; i < values.Length; i++)
        {
            rounded[i] = ToSingle(FromSingle(values[i]));
        }
    }

    private static Vector<uint> Round(Vector<float> values)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(values);
        Vector<uint> upper = bits >> 16;
        Vector<uint> rounded = (bits + new Vector<uint>(HalfBelow) + (upper & Vector<uint>.One)) >> 16;
        Vector<uint> numbers = Vector.AsVectorUInt32(Vector.Equals(values, values));
        return Vector.ConditionalSelect(numbers, rounded, upper | new Vector<uint>(QuietBit));
    }
}
