namespace Actors.Schedules.Timing;

/// <summary>An action with its time on a rank, simulated or measured.</summary>
/// <param name="Rank">The rank that plays it.</param>
/// <param name="Action">What is played.</param>
/// <param name="Start">Start, in the unit of the costs or of the clock, from the step's start.</param>
/// <param name="End">End, not before <paramref name="Start"/>.</param>
public readonly record struct TimedAction(int Rank, StageAction Action, double Start, double End);
