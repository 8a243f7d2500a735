using System.Diagnostics;
using Actors.LoadTests.Measuring;
using Actors.Tensors;

namespace Actors.LoadTests.Routing;

/// <summary>One part of the closed loop and the copy measurements around it.</summary>
/// <param name="Options">What was run.</param>
/// <param name="Played">What the load simulation did.</param>
/// <param name="Counts">What was moved meanwhile.</param>
/// <param name="Copy">Mean of the copy measurements before and after; none for devices.</param>
internal sealed record RoutingRound(RoutingOptions Options, Played Played, RoutingCounts Counts, CopySpeed Copy)
{
    public long Tokens => Played.Exchanges * Options.TokensOfExchange;

    public double Seconds => Played.Elapsed.TotalSeconds;

    public double TokensPerSecond => Tokens / Seconds;

    public double SlowBytesPerSecond => Counts.SlowBytes / Seconds;

    public double FastBytesPerSecond => Counts.FastBytes / Seconds;

    public double AllocatedBytesPerToken => (double)Counts.AllocatedBytes / Math.Max(1, Tokens);

    /// <summary>Messages of all actors: the channels', which they count, and those that each exchange takes on a rank.</summary>
    public double MessagesPerSecond
    {
        get
        {
            long writers = (long)Options.RanksPerNode * Options.Fabric.Channels;
            long perRank = Options.Ranks + Options.Fabric.Channels + 1 // headers, StartDispatch, RunExperts
                + (2 * writers) + 2                                    // ReceiverReady, PartialsReady, RowsArrived, ExpertsDone
                + 2;                                                   // StartExchange, ExchangeEnded
            return (Counts.ChannelMessages + (Played.Exchanges * Options.Ranks * perRank)) / Seconds;
        }
    }

    /// <summary>
    /// Bytes that the hops wrote: slow rows out and back, fast rows out, each token's sum in float32. Reading for sums and the
    /// sums of the own node's ranks count nothing, as a copy's reading counts nothing.
    /// </summary>
    public long WrittenByHops =>
        Counts.SlowBytes + (Counts.ExpertRows * Options.Shape.RowBytes) + (Tokens * Options.Hidden * ElementType.Float32.SizeInBytes());

    /// <summary>Bytes that the experts' stand-in wrote: one row for each that arrived.</summary>
    public long WrittenByExperts => Counts.ExpertRows * Options.Shape.RowBytes;

    /// <summary>All bytes written against those of a copy in the same time.</summary>
    public double CopyRatio => (WrittenByHops + WrittenByExperts) / Seconds / Copy.BytesPerSecond;

    /// <summary>The same against a copy of the same processor time: other programs on the machine disturb it little.</summary>
    public double CoreRatio => (WrittenByHops + WrittenByExperts) / Counts.Processor.TotalSeconds / Copy.BytesPerCoreSecond;

    /// <summary>The hops' bytes against those of a copy in the same time, the experts' time included and their bytes not.</summary>
    public double HopsRatio => WrittenByHops / Seconds / Copy.BytesPerSecond;

    /// <summary>Share of the cores' time that the experts' stand-in took.</summary>
    public double ExpertShare => (double)Counts.ExpertTicks / Stopwatch.Frequency / Seconds / Environment.ProcessorCount;
}

/// <summary>All that the routing scenario measured.</summary>
/// <param name="Options">What was run.</param>
/// <param name="Works">By one process, then by several where they were asked for.</param>
/// <param name="Socket">Gigabytes a second of a plain socket, once a round; empty where there was one process.</param>
internal sealed record RoutingResults(RoutingOptions Options, IReadOnlyList<RoutingResult> Works, IReadOnlyList<double> Socket);

/// <summary>What one way of working did.</summary>
/// <param name="Name">How the work was done.</param>
/// <param name="Rounds">The closed loop.</param>
/// <param name="ClosedLatency">Of ranks' exchanges in the closed loop, ticks of the stopwatch.</param>
/// <param name="OpenRate">Tokens a second injected; 0 where there was no open loop.</param>
/// <param name="Open">What the open loop did.</param>
/// <param name="OpenLatency">Of ranks' exchanges in the open loop, from the intended start.</param>
internal sealed record RoutingResult(
    string Name, IReadOnlyList<RoutingRound> Rounds, LatencyHistogram ClosedLatency, double OpenRate, Played? Open, LatencyHistogram OpenLatency)
{
    /// <summary>Median, least and greatest of a figure over the rounds.</summary>
    public Spread Of(Func<RoutingRound, double> figure) => Spread.Of(Rounds.Select(figure));
}
