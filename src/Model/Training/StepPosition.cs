namespace Actors.Model.Training;

/// <summary>Where a step stands in a run: what schedules go by.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="TokensBefore">Tokens of all steps before it.</param>
public readonly record struct StepPosition(int Step, long TokensBefore);
