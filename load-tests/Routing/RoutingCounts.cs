using System.Globalization;
using Actors.Runtime.Fabric.Channels;

namespace Actors.LoadTests.Routing;

/// <summary>What has been moved and spent up to now; two snapshots give what lies between them.</summary>
internal readonly record struct RoutingCounts(
    long SlowRows, long SlowBytes, long FastRows, long FastBytes, long ChannelMessages, long CreditWaits, long ExpertRows, long ExpertTicks, long AllocatedBytes,
    TimeSpan Processor)
{
    /// <summary>Bytes that went from one device to another; they are among those of the hops.</summary>
    public long LinkBytes { get; init; }

    /// <summary>What the process has allocated and spent.</summary>
    public static RoutingCounts OfProcess =>
        default(RoutingCounts) with { AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true), Processor = Environment.CpuUsage.TotalTime };

    public static RoutingCounts Of(RoutingPlane plane)
    {
        RoutingCounts counts = OfProcess;
        foreach (TrafficCounters traffic in plane.Traffic)
        {
            counts = counts.With(traffic);
        }

        foreach (IdentityExperts experts in plane.Experts)
        {
            counts = counts with { ExpertRows = counts.ExpertRows + experts.Rows, ExpertTicks = counts.ExpertTicks + experts.Ticks };
        }

        return counts;
    }

    /// <summary>With what a channel, or a rank's device, has moved.</summary>
    public RoutingCounts With(TrafficCounters traffic) => this with
    {
        SlowRows = SlowRows + traffic.SlowRows,
        SlowBytes = SlowBytes + traffic.SlowBytes,
        FastRows = FastRows + traffic.FastRows,
        FastBytes = FastBytes + traffic.FastBytes,
        ChannelMessages = ChannelMessages + traffic.Messages,
        CreditWaits = CreditWaits + traffic.CreditWaits,
    };

    /// <summary>The numbers on a line, those of devices left out, which <see cref="Parse"/> reads in another process.</summary>
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
        a.AllocatedBytes - b.AllocatedBytes, a.Processor - b.Processor)
    {
        LinkBytes = a.LinkBytes - b.LinkBytes,
    };
}
