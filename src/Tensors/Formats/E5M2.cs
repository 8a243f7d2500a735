namespace Actors.Tensors.Formats;

/// <summary>
/// FP8 with 5 exponent (bias 15) and 2 mantissa bits (OCP OFP8), the upper half of a binary16: infinities and NaNs as there.
/// Rounds to nearest, ties to even, with subnormals; a NaN keeps its sign.
/// </summary>
public static class E5M2
{
    /// <summary>The largest finite value.</summary>
    public const float MaxValue = 57344;

    private static readonly SmallFloat Layout = new(ExponentBits: 5, MantissaBits: 2, MaxFinite: 0x7B, Overflow: 0x7C, NaN: 0x7E);
    private static readonly float[] Values = Layout.DecodeAll();

    /// <summary>The nearest code; what is too large (from 61440 on, halfway to 65536) becomes infinity.</summary>
    public static byte FromSingle(float value) => (byte)Layout.Encode(value, saturate: false);

    /// <summary>
    /// The nearest code; what is too large, infinity too, becomes ±<see cref="MaxValue"/>. Quantization uses this one:
    /// values are scaled to the largest finite value first, and its last bit must not become a special.
    /// </summary>
    public static byte FromSingleSaturating(float value) => (byte)Layout.Encode(value, saturate: true);

    /// <summary>The exact value of a code.</summary>
    public static float ToSingle(byte code) => Values[code];

    /// <summary>The nearest code of each value, as <see cref="FromSingle(float)"/>.</summary>
    /// <param name="values">Values.</param>
    /// <param name="codes">Output, at least as long.</param>
    public static void FromSingle(ReadOnlySpan<float> values, Span<byte> codes)
    {
        FormatSpans.CheckLength(values.Length, codes.Length);
        SmallFloat layout = Layout;
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = (byte)layout.Encode(values[i], saturate: false);
        }
    }

    /// <summary>The nearest code of each value, as <see cref="FromSingleSaturating(float)"/>.</summary>
    /// <param name="values">Values.</param>
    /// <param name="codes">Output, at least as long.</param>
    public static void FromSingleSaturating(ReadOnlySpan<float> values, Span<byte> codes)
    {
        FormatSpans.CheckLength(values.Length, codes.Length);
        SmallFloat layout = Layout;
        for (int i = 0; i < values.Length; i++)
        {
            codes[i] = (byte)layout.Encode(values[i], saturate: true);
        }
    }

    /// <summary>The exact value of each code.</summary>
    /// <param name="codes">Codes.</param>
    /// <param name="values">Output, at least as long.</param>
    public static void ToSingle(ReadOnlySpan<byte> codes, Span<float> values)
    {
        FormatSpans.CheckLength(codes.Length, values.Length);
        float[] table = Values;
        for (int i = 0; i < codes.Length; i++)
        {
            values[i] = table[codes[i]];
        }
    }
}
