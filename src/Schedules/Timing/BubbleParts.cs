namespace Actors.Schedules.Timing;

/// <summary>Where a rank's bubble lies. The three add up to the bubble.</summary>
/// <param name="Before">Warm-up: from the step's start to the rank's first action.</param>
/// <param name="Within">Waits between the rank's actions.</param>
/// <param name="After">Drain: from the end of the rank's last action to the step's end.</param>
public readonly record struct BubbleParts(double Before, double Within, double After);
