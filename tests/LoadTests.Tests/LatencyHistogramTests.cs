using Actors.LoadTests.Measuring;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.LoadTests.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void A_quantile_is_at_most_a_64th_above_the_exact_one() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var histogram = new LatencyHistogram();
        long[] durations = [.. Enumerable.Range(0, random.Next(1, 500)).Select(_ => (long)Math.Pow(2, random.NextDouble() * 50) - 1)];
        foreach (long duration in durations)
        {
            histogram.Record(duration);
        }

        Array.Sort(durations);
        foreach (double quantile in new[] { 0.001, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = durations[Math.Max(1, (int)Math.Ceiling(quantile * durations.Length)) - 1];
            Assert.InRange(histogram.Quantile(quantile), exact, exact + (exact / 64));
        }

        Assert.Equal(durations[^1], histogram.Max);
        Assert.Equal(durations.Average(), histogram.Mean, durations.Average() * 1e-12);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_gives_what_recording_all_in_one_would()
    {
        var all = new LatencyHistogram();
        var parts = new[] { new LatencyHistogram(), new LatencyHistogram() };
        for (int i = 0; i < 1000; i++)
        {
            all.Record(i * i);
            parts[i % 2].Record(i * i);
        }

        parts[0].Add(parts[1]);
        Assert.Equal(all.Count, parts[0].Count);
        Assert.Equal(all.Max, parts[0].Max);
        Assert.All(new[] { 0.1, 0.5, 0.999 }, quantile => Assert.Equal(all.Quantile(quantile), parts[0].Quantile(quantile)));
    }

    [Fact]
    public void Extremes_have_a_bucket_and_none_gives_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(0, histogram.Quantile(0.5));
        histogram.Record(long.MaxValue);
        Assert.Equal(long.MaxValue, histogram.Quantile(1));
        histogram.Record(-5);
        Assert.Equal(0, histogram.Quantile(0.5));
        histogram.Clear();
        Assert.Equal(0, histogram.Count);
        Assert.Equal(0, histogram.Quantile(1));
    }
}
