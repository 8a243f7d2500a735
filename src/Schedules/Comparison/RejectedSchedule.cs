namespace Actors.Schedules.Comparison;

/// <summary>A schedule that cannot be chosen.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Lack">What it lacks, one line.</param>
public readonly record struct RejectedSchedule(ComparedSchedule Schedule, string Lack);
