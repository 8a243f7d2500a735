using System.Diagnostics.Metrics;

namespace Actors.Runtime.Diagnostics;

/// <summary>
/// Instruments of a cluster: of its members as each process sees them, and of placements, which the leader's process counts.
/// </summary>
internal sealed class ClusterMeters
{
    private readonly Gauge<int> _epoch;
    private readonly Gauge<int> _processes;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _repeatedSteps;
    private readonly Gauge<double> _recovery;
    private volatile Func<IEnumerable<(string Status, int Members)>>? _members;

    public ClusterMeters(Meter meter)
    {
        meter.CreateObservableGauge("actors.cluster.members", Members, "{process}", "Processes of the cluster as this one sees them.");
        _epoch = meter.CreateGauge<int>("actors.cluster.placement.epoch", "{placement}", "Number of the last placement that stood.");
        _processes = meter.CreateGauge<int>("actors.cluster.placement.processes", "{process}", "Processes of that placement.");
        _recoveries = meter.CreateCounter<long>("actors.cluster.recoveries", "{recovery}", "Runs that went on after a placement was given up.");
        _recovery = meter.CreateGauge<double>(
            "actors.cluster.recovery.duration", "s", "The last recovery, from the loss to the next completed step.");
        _repeatedSteps = meter.CreateCounter<long>("actors.cluster.steps.repeated", "{step}", "Steps that were trained again.");
    }

    /// <summary>Names who counts members by their status.</summary>
    public void Observe(Func<IEnumerable<(string Status, int Members)>> members) => _members = members;

    /// <summary>A placement stands.</summary>
    public void Placed(int epoch, int processes)
    {
        _epoch.Record(epoch);
        _processes.Record(processes);
    }

    /// <summary>Steps will be trained again.</summary>
    public void Repeats(int steps) => _repeatedSteps.Add(steps);

    /// <summary>A step is completed after a placement was given up.</summary>
    public void Recovered(TimeSpan after)
    {
        _recoveries.Add(1);
        _recovery.Record(after.TotalSeconds);
    }

    private IEnumerable<Measurement<int>> Members() =>
        (_members?.Invoke() ?? []).Select(of => new Measurement<int>(of.Members, new KeyValuePair<string, object?>("status", of.Status)));
}
