namespace Actors.Parity.Tests;

/// <summary>
/// The gradient of a scalar function by central differences with one Richardson step: error of order h⁴. Inputs and steps
/// are multiples of 2⁻¹⁰, so x ± h is exact in float32, and what is left is the rounding of the forward's outputs to
/// float32: about 6e-8 · |output| / h.
/// </summary>
internal static class FiniteDifferences
{
    /// <summary>
    /// Allowed distance, relative in L2: rounding 6e-8 / 2⁻⁴ = 1e-6 times a few outputs a weight, and h⁴ = 1.5e-5 times a
    /// fifth derivative over 30. Below 7e-6 when measured; an error in a formula shows as 1e-2 or more.
    /// </summary>
    public const double Tolerance = 3e-5;

    private const float Step = 1 / 16f;
    private const float Grid = 1024;

    /// <summary>Rounds to multiples of 2⁻¹⁰, which the steps keep exact.</summary>
    public static float[] RandomPoint(Random random, int count, float size)
    {
        var point = new float[count];
        for (int i = 0; i < count; i++)
        {
            point[i] = MathF.Round((random.NextSingle() * 2 - 1) * size * Grid) / Grid;
        }

        return point;
    }

    /// <summary>Compares <paramref name="gradient"/> with the differences of <paramref name="loss"/> around <paramref name="point"/>.</summary>
    public static void AssertGradient(string name, float[] point, Func<float[], double> loss, float[] gradient)
    {
        Assert.Equal(point.Length, gradient.Length);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < point.Length; i++)
        {
            double coarse = Central(point, i, Step, loss);
            double fine = Central(point, i, Step / 2, loss);
            double expected = (4 * fine - coarse) / 3;
            difference += (gradient[i] - expected) * (gradient[i] - expected);
            norm += expected * expected;
        }

        double distance = Math.Sqrt(difference / norm);
        Assert.True(
            distance <= Tolerance, $"{name} is {distance:g3} away from finite differences, allowed are {Tolerance:g3}.");
    }

    private static double Central(float[] point, int index, float step, Func<float[], double> loss)
    {
        float saved = point[index];
        point[index] = saved + step;
        double above = loss(point);
        point[index] = saved - step;
        double below = loss(point);
        point[index] = saved;
        return (above - below) / (2 * step);
    }
}
