using System.Collections.Immutable;

namespace Actors.Schedules.Checking;

/// <summary>What the checker found.</summary>
public sealed class TimetableReport
{
    internal TimetableReport(ImmutableArray<TimetableViolation> violations, ImmutableArray<int> peakActivations, WeightOrder weightOrder)
    {
        Violations = violations;
        PeakActivations = peakActivations;
        WeightOrder = weightOrder;
    }

    /// <summary>Whether no rule is broken.</summary>
    public bool IsValid => Violations.IsEmpty;

    /// <summary>
    /// The broken rules: shifted numbers, then those of single computations by rank and position, what is missing, and waits; then likewise
    /// those of sends and receives. Where numbers are shifted the others are of the timetable as it is meant.
    /// </summary>
    public ImmutableArray<TimetableViolation> Violations { get; }

    /// <summary>
    /// Per rank, the most chunks (one micro-batch at one stage) whose activations it holds at once: from a forward until its B, or its W
    /// after an I. In a pair the forward's activations are there before the backward's are gone, so both count.
    /// Forward-only timetables hold none.
    /// </summary>
    public ImmutableArray<int> PeakActivations { get; }

    /// <summary>In what order backwards for weights come, over all ranks. This is information: no order breaks a rule.</summary>
    public WeightOrder WeightOrder { get; }
}
