using Actors.Schedules.Evaluation;

namespace Actors.Schedules.Search;

/// <summary>The timetable that a search found.</summary>
public sealed record SearchResult
{
    internal SearchResult(ScheduleEvaluation evaluation, string origin, double lowerBound)
    {
        Evaluation = evaluation;
        Origin = origin;
        LowerBound = lowerBound;
    }

    /// <summary>The timetable.</summary>
    public Timetable Timetable => Evaluation.Timetable;

    /// <summary>What it takes under the costs that it was sought for.</summary>
    public ScheduleEvaluation Evaluation { get; }

    /// <summary>Whose order of actions it is: that of a schedule, by name, or one made for these costs. For people.</summary>
    public string Origin { get; }

    /// <summary>
    /// A time that no timetable of these stages can be faster than at this memory, one stage a rank and nothing overlapped. It need not be
    /// attainable.
    /// </summary>
    public double LowerBound { get; }

    /// <summary>By which share the step is longer than <see cref="LowerBound"/>, 0 or more.</summary>
    public double DistanceFromBound => LowerBound > 0 ? Math.Max(0, (Evaluation.Run.StepTime / LowerBound) - 1) : 0;

    /// <summary>Whether the step takes the lower bound, but for rounding, so that no order of actions is faster.</summary>
    public bool IsProvenFastest => DistanceFromBound <= 1e-9;
}
