namespace Actors.Tests.Support.Reference;

/// <summary>How far two lists of numbers lie apart.</summary>
public static class Distance
{
    /// <summary>Largest absolute difference.</summary>
    public static double Largest(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(b.Length, a.Length);
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = Math.Abs((double)a[i] - b[i]);
            largest = difference <= largest ? largest : difference;
        }

        return largest;
    }

    /// <summary>‖a − b‖ / ‖b‖; 0 where both are zero.</summary>
    public static double Relative(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(b.Length, a.Length);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < a.Length; i++)
        {
            difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            norm += (double)b[i] * b[i];
        }

        return difference == 0 ? 0 : Math.Sqrt(difference / norm);
    }
}
