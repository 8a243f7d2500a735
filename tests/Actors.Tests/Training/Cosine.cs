namespace Actors.Runtime.Tests.Training;

/// <summary>The field's measure of how far two gradients point apart.</summary>
internal static class Cosine
{
    /// <summary>1 − 2 Σ xy / Σ (x² + y²), in float64 (DualPipe's and DeepGEMM's measure); 0 for two zero vectors.</summary>
    public static double Distance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        Assert.Equal(x.Length, y.Length);
        double product = 0, squares = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += (double)x[i] * y[i];
            squares += ((double)x[i] * x[i]) + ((double)y[i] * y[i]);
        }

        return squares == 0 ? 0 : 1 - (2 * product / squares);
    }
}
