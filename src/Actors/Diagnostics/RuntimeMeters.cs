using System.Diagnostics.Metrics;
using Actors.Runtime.Training;

namespace Actors.Runtime.Diagnostics;

/// <summary>
/// The instruments of a process's runs, under the meter <c>Actors.Runtime</c>. Hot paths count in plain fields of their own, which
/// observable instruments read; the others are added to once a step or once a request. docs/observability.md lists them.
/// </summary>
public sealed class RuntimeMeters : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Actors.Runtime";

    private readonly Meter _meter = new(MeterName);

    /// <summary>Makes the instruments.</summary>
    public RuntimeMeters()
    {
        Training = new TrainingMeters(_meter);
        Fabric = new FabricMeters(_meter);
        Serving = new ServingMeters(_meter);
        Links = new LinkMeters(_meter);
        Cluster = new ClusterMeters(_meter);
    }

    internal TrainingMeters Training { get; }

    internal FabricMeters Fabric { get; }

    internal ServingMeters Serving { get; }

    internal LinkMeters Links { get; }

    internal ClusterMeters Cluster { get; }

    /// <summary>Whether an instrument belongs to these meters and not to those of another run in the process.</summary>
    public bool Owns(Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        return instrument.Meter == _meter;
    }

    /// <summary>Counts a training step; the coordinator does so for the runs of actors.</summary>
    /// <param name="step">What the step reports.</param>
    /// <param name="time">The clock of its ticks.</param>
    public void StepCompleted(StepCompleted step, TimeProvider time) => Training.StepCompleted(step, time);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>Boundaries for durations, seconds: from a decoding step of a small model to a step of a large one.</summary>
    internal static InstrumentAdvice<double> Durations { get; } = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };
}
