using Actors.Tensors.Quantized;

namespace Actors.Tensors.Formats;

/// <summary>
/// The scale of a tile or block from its largest magnitude: max(magnitude, 1e-4) / largest value of the format, in float32 (DeepSeek-V3 technical report,
/// section 3.3). A value is stored as the code of value / scale, a true division. Where the largest magnitude is not finite the scale is NaN and so are all
/// codes: everything that is computed from the tile shows it.
/// </summary>
public static class TileScale
{
    /// <summary>Magnitudes below count as this, so that a tile of zeros has a scale.</summary>
    public const float LeastMagnitude = 1e-4f;

    private const uint MantissaMask = 0x7F_FFFF;
    private const uint QuietNaN = 0x7FC0_0000;

    /// <summary>For E4M3.</summary>
    /// <param name="magnitude">The largest magnitude; NaN if any value is NaN.</param>
    /// <param name="kind">Which scale.</param>
    public static float OfE4M3(float magnitude, ScaleKind kind) => Of(magnitude, E4M3.MaxValue, kind);

    /// <summary>For E5M6, whose scales are powers of two always.</summary>
    /// <param name="magnitude">The largest magnitude; NaN if any value is NaN.</param>
    public static float OfE5M6(float magnitude) => Of(magnitude, E5M6.MaxValue, ScaleKind.PowerOfTwo);

    /// <summary>The least power of two that is no smaller, by the bits: the exponent, and one more if the mantissa is not 0.</summary>
    /// <param name="scale">Positive, normal and below 2¹²⁷.</param>
    public static float RoundUpToPowerOfTwo(float scale) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(scale) + MantissaMask) & ~MantissaMask);

    /// <summary>The larger of two magnitudes, NaN if one is NaN.</summary>
    /// <param name="magnitude">Largest so far, 0 or more.</param>
    /// <param name="value">Any value.</param>
    public static float Larger(float magnitude, float value) => MathF.Max(magnitude, MathF.Abs(value));

    private static float Of(float magnitude, float maxValue, ScaleKind kind)
    {
        if (!float.IsFinite(magnitude))
        {
            return BitConverter.UInt32BitsToSingle(QuietNaN);
        }

        float scale = MathF.Max(magnitude, LeastMagnitude) / maxValue;
        return kind == ScaleKind.PowerOfTwo ? RoundUpToPowerOfTwo(scale) : scale;
    }
}
