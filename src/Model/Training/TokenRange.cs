namespace Actors.Model.Training;

/// <summary>A part of a run, counted in tokens from its start.</summary>
/// <param name="First">Tokens before it.</param>
/// <param name="End">Tokens before what follows it.</param>
public readonly record struct TokenRange(long First, long End);
