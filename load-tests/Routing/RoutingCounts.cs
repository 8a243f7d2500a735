using System.Globalization;
using Actors.Runtime.Fabric.Channels;

namespace Actors.LoadTests.Routing;

/// <summary>What has been moved and spent up to now; two snapshots give what lies between them.</summary>
internal readonly record struct RoutingCounts(
    long SlowRows, long SlowBytes, long FastRows, long FastBytes, long ChannelMessages, long CreditWaits, long ExpertRows, long ExpertTicks, long AllocatedBytes,
    TimeSpan Processor)
{
    public static RoutingCounts Of(RoutingPlane plane)
    {
        var counts = default(RoutingCounts);
        foreach (TrafficCounters traffic in plane.Traffic)
        {
            counts = counts with
            {
                SlowRows = counts.SlowRows + traffic.SlowRows,
                SlowBytes = counts.SlowBytes + traffic.SlowBytes,
                FastRows = counts.FastRows + traffic.FastRows,
                FastBytes = counts.FastBytes + traffic.FastBytes,
                ChannelMessages = counts.ChannelMessages + traffic.Messages,
                CreditWaits = counts.CreditWaits + traffic.CreditWaits,
            };
        }

        foreach (IdentityExperts experts in plane.Experts)
        {
            counts = counts with { ExpertRows = counts.ExpertRows + experts.Rows, ExpertTicks = counts.ExpertTicks + experts.Ticks };
        }

        return counts with { AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true), Processor = Environment.CpuUsage.TotalTime };
    }

    /// <summary>The numbers on a line, which <see cref="Parse"/> reads in another process.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"{SlowRows} {SlowBytes} {FastRows} {FastBytes} {ChannelMessages} {CreditWaits} {ExpertRows} {ExpertTicks} {AllocatedBytes} {Processor.Ticks}");

    public static RoutingCounts Parse(ReadOnlySpan<string> words)
    {
        long[] n = new long[10];
        for (int i = 0; i < n.Length; i++)
        {
            n[i] = long.Parse(words[i], CultureInfo.InvariantCulture);
        }

        return new RoutingCounts(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], new TimeSpan(n[9]));
    }

    public static RoutingCounts operator +(RoutingCounts a, RoutingCounts b) => a - (default(RoutingCounts) - b);

    public static RoutingCounts operator -(RoutingCounts a, RoutingCounts b) => new(
        a.SlowRows - b.SlowRows, a.SlowBytes - b.SlowBytes, a.FastRows - b.FastRows, a.FastBytes - b.FastBytes,
        a.ChannelMessages - b.ChannelMessages, a.CreditWaits - b.CreditWaits, a.ExpertRows - b.ExpertRows, a.ExpertTicks - b.ExpertTicks,
        a.AllocatedBytes - b.AllocatedBytes, a.Processor - b.Processor);
}
