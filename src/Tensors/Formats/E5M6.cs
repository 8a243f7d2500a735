namespace Actors.Tensors.Formats;

/// <summary>
/// 12 bits with 5 exponent (bias 15) and 6 mantissa bits, the upper bits of a binary16, in the lower 12 bits of a ushort:
/// infinities and NaNs as there.
/// Rounds to nearest, ties to even, with subnormals; a NaN keeps its sign.
/// </summary>
public static class E5M6
{
    /// <summary>The largest finite value.</summary>
    public const float MaxValue = 65024;

    private const int CodeMask = 0xFFF;

    private static readonly SmallFloat Layout = new(ExponentBits: 5, MantissaBits: 6, MaxFinite: 0x7BF, Overflow: 0x7C0, NaN: 0x7E0);
    private static readonly float[] Values = Layout.DecodeAll();

    /// <summary>The nearest code; what is too large (from 65280 on, halfway to 65536) becomes infinity.</summary>
    public static ushort FromSingle(float value) => (ushort)Layout.Encode(value, saturate: false);

    /// <summary>
    /// The nearest code; what is too large, infinity too, becomes ±<see cref="MaxValue"/>. Quantization uses this one:
    /// values are scaled to the largest finite value first, and its last bit must not become a special.
    /// </summary>
    public static ushort FromSingleSaturating(float value) => (ushort)Layout.Encode(value, saturate: true);

    /// <summary>The exact value of a code; the upper four bits of the ushort are ignored.</summary>
    public static float ToSingle(ushort code) => Values[code & CodeMask];

    /// <summary>The nearest code of each value, as <see cref="FromSingle(float)"/>.</summary>
    /// <param name="values">Values.</param>
    /// <param name="codes">Output, at least as long.</param>
    public static void FromSingle(ReadOnlySpan<float> values, Span<ushort> codes)
    {
        FormatSpans.CheckLength(values.Length, codes.Length);
        SmallFloat layout = Layout;
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = (ushort)layout.Encode(values[i], saturate: false);
        }
    }

    /// <summary>The nearest code of each value, as <see cref="FromSingleSaturating(float)"/>.</summary>
    /// <param name="values">Values.</param>
    /// <param name="codes">Output, at least as long.</param>
    public static void FromSingleSaturating(ReadOnlySpan<float> values, Span<ushort> codes)
    {
        FormatSpans.CheckLength(values.Length, codes.Length);
        SmallFloat layout = Layout;
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = (ushort)layout.Encode(values[i], saturate: true);
        }
    }

    /// <summary>The exact value of each code.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="values">Output, at least as long.</param>
    public static void ToSingle(ReadOnlySpan<ushort> codes, Span<float> values)
    {
        FormatSpans.CheckLength(codes.Length, values.Length);
        float[] table = Values;
        for (int i = 0; i < codes.Length; i++)
        {
            values[i] = table[codes[i] & CodeMask];
        }
    }
}
