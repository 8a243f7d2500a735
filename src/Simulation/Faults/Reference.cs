namespace Actors.Simulation.Faults;

/// <summary>What a run gives that nothing disturbs.</summary>
/// <param name="Losses">Loss and gradient norm by step, from 1.</param>
/// <param name="States">The state after each step.</param>
/// <param name="Answers">The answers to prompts.</param>
internal sealed record Reference(IReadOnlyDictionary<int, (double Loss, double Norm)> Losses, IReadOnlyDictionary<int, SavedState> States, int[][] Answers);
