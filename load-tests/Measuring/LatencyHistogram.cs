using System.Numerics;

namespace Actors.LoadTests.Measuring;

/// <summary>
/// Counts of durations in buckets whose width grows with the value: 64 buckets for each doubling, so a quantile is at most
/// 1/64 (1.6%) above the duration that it stands for. Recording allocates nothing. Used by one thread at a time.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 6;
    private const int PerDoubling = 1 << Bits;
    private readonly long[] _counts = new long[(64 - Bits) * PerDoubling];

    /// <summary>Durations recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest.</summary>
    public long Max { get; private set; }

    /// <summary>The mean; 0 of none.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    private double _sum;

    /// <summary>Records a duration in any unit; below 0 counts as 0.</summary>
    public void Record(long duration)
    {
        duration = Math.Max(0, duration);
        _counts[BucketOf(duration)]++;
        Count++;
        _sum += duration;
        Max = Math.Max(Max, duration);
    }

    /// <summary>Adds another's counts.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _sum += other._sum;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (Count, Max, _sum) = (0, 0, 0);
    }

    /// <summary>The least bucket end that at least the share <paramref name="quantile"/> of the durations doesn't exceed; 0 of none.</summary>
    public long Quantile(double quantile)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(Max, LastOf(i));
            }
        }

        return 0;
    }

    private static int BucketOf(long value)
    {
        if (value < PerDoubling)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2((ulong)value) - Bits;
        return ((shift + 1) << Bits) + (int)((value >> shift) - PerDoubling);
    }

    private static long LastOf(int bucket)
    {
        if (bucket < PerDoubling)
        {
            return bucket;
        }

        int shift = (bucket >> Bits) - 1;
        return (((long)(bucket & (PerDoubling - 1)) + PerDoubling + 1) << shift) - 1;
    }
}
