namespace Actors.Parity.Tests;

/// <summary>How far a quantized result is from the exact one.</summary>
internal static class QuantizationError
{
    /// <summary>1 − 2 Σ x y / Σ (x² + y²), in float64.</summary>
    public static double Of(ReadOnlySpan<float> found, ReadOnlySpan<float> exact)
    {
        double products = 0, squares = 0;
        for (int i = 0; i < exact.Length; i++)
        {
            products += (double)found[i] * exact[i];
            squares += ((double)found[i] * found[i]) + ((double)exact[i] * exact[i]);
        }

        return 1 - (2 * products / squares);
    }
}
