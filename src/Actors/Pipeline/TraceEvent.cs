namespace Actors.Runtime.Pipeline;

/// <summary>What a trace event is about.</summary>
public enum TraceKind
{
    /// <summary>A component that the rank computed; where the device's times are measured, when it ran there.</summary>
    Compute,

    /// <summary>Rows under way: from the time when the last rank that sends them began to the last row.</summary>
    Communication,

    /// <summary>Before that: from the time when this rank began until the last rank did.</summary>
    Skew,

    /// <summary>Waiting with nothing to compute.</summary>
    Wait,

    /// <summary>A pass of a training step begins; the micro-batch of its component is the number of those that it plays.</summary>
    Begin,
}

/// <summary>A stretch of time on one rank.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Component">The component computed, communicated for or waited at.</param>
/// <param name="Start">First tick of the time provider.</param>
/// <param name="End">Last tick.</param>
public readonly record struct TraceEvent(TraceKind Kind, Component Component, long Start, long End);
