using System.Diagnostics.Metrics;
using Actors.Runtime.Fabric.Channels;

namespace Actors.Runtime.Diagnostics;

/// <summary>
/// Instruments of dispatch and combine. They read the channels' own counters, so that counting costs a channel one addition; a value
/// read while a step runs may be slightly old.
/// </summary>
internal sealed class FabricMeters
{
    private static readonly KeyValuePair<string, object?> Slow = new("hop", "slow");
    private static readonly KeyValuePair<string, object?> Fast = new("hop", "fast");
    private readonly Lock _adding = new();
    private TrafficCounters[] _channels = [];

    public FabricMeters(Meter meter)
    {
        meter.CreateObservableCounter("actors.fabric.rows", () => ByHop(c => c.SlowRows, c => c.FastRows), "{row}", "Rows moved between nodes (slow) and inside nodes (fast).");
        meter.CreateObservableCounter("actors.fabric.io", () => ByHop(c => c.SlowBytes, c => c.FastBytes), "By", "Bytes of those rows.");
        meter.CreateObservableCounter(
            "actors.fabric.messages", () => ByHop(c => c.SlowMessages, c => c.Messages - c.SlowMessages), "{message}", "Messages of channels.");
        meter.CreateObservableCounter(
            "actors.fabric.credit.waits", () => Sum(c => c.CreditWaits), "{wait}", "Times that a channel had rows for a node but no credit.");
        meter.CreateObservableUpDownCounter(
            "actors.fabric.send_queue.length", () => Sum(c => c.WaitingExchanges), "{exchange}", "Exchanges whose rows wait to cross to a node.");
    }

    /// <summary>Takes a run's channels in. They stay when the run has ended: a counter never falls, and a process has few runs.</summary>
    public void Observe(ReadOnlySpan<TrafficCounters> channels)
    {
        lock (_adding)
        {
            _channels = [.. _channels, .. channels];
        }
    }

    private Measurement<long>[] ByHop(Func<TrafficCounters, long> slow, Func<TrafficCounters, long> fast) =>
        [new(Sum(slow), Slow), new(Sum(fast), Fast)];

    private long Sum(Func<TrafficCounters, long> value)
    {
        long sum = 0;
        foreach (TrafficCounters channel in Volatile.Read(ref _channels))
        {
            sum += value(channel);
        }

        return sum;
    }
}
