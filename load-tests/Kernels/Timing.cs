using System.Diagnostics;

namespace Actors.LoadTests.Kernels;

/// <summary>Seconds of one call: median of samples, and the quartiles around it.</summary>
internal readonly record struct Timing(double Median, double Lower, double Upper)
{
    private const int Samples = 15;
    private const double SampleSeconds = 0.012;
    private const int Rounds = 4;
    private const double QuietSpread = 0.03;

    /// <summary>Distance of the quartiles, relative to the median.</summary>
    public double Spread => (Upper - Lower) / Median;

    /// <summary>
    /// Times <paramref name="action"/> after warming it up; each sample repeats it for some 12 ms. Where others disturb the machine
    /// (quartiles far apart), it measures again, up to four rounds, and keeps the round of the smallest median.
    /// </summary>
    public static Timing Measure(Action action)
    {
        // Code that the JIT compiles in tiers reaches the last one after 30 calls and a tenth of a second.
        long warm = Stopwatch.GetTimestamp();
        int calls = 0;
        while (calls < 3 || Stopwatch.GetElapsedTime(warm).TotalSeconds < 0.15)
        {
            action();
            calls++;
        }

        // A disturbed round says more about the disturbance than about the code.
        Timing best = Round(action);
        for (int round = 1; round < Rounds && best.Spread > QuietSpread; round++)
        {
            Timing next = Round(action);
            best = next.Median < best.Median ? next : best;
        }

        return best;
    }

    private static Timing Round(Action action)
    {
        long probe = Stopwatch.GetTimestamp();
        action();
        double once = Math.Max(Stopwatch.GetElapsedTime(probe).TotalSeconds, 1e-8);
        int repeats = Math.Max(1, (int)(SampleSeconds / once));
        var seconds = new double[Samples];
        for (int sample = 0; sample < Samples; sample++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                action();
            }

            seconds[sample] = Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
        }

        Array.Sort(seconds);
        return new Timing(seconds[Samples / 2], seconds[Samples / 4], seconds[Samples * 3 / 4]);
    }
}
