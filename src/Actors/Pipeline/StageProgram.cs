namespace Actors.Runtime.Pipeline;

/// <summary>What a stage plays of a timetable.</summary>
/// <param name="Components">In order.</param>
/// <param name="Placement">Which pipeline rank plays which stage for which micro-batch.</param>
internal sealed record StageProgram(Component[] Components, Schedules.Placement Placement);
