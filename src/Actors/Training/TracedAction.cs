using Actors.Schedules;

namespace Actors.Runtime.Training;

/// <summary>One action of a training step as a rank has played it; times in ticks of the run's clock.</summary>
/// <param name="Step">Number of the traced step, from 0.</param>
/// <param name="Position">Place in the rank's list.</param>
/// <param name="Action">What was played.</param>
/// <param name="Start">Start of its first component, once its input had come.</param>
/// <param name="End">End of its last.</param>
/// <param name="Weights">Ticks of it in which weight gradients were computed.</param>
internal readonly record struct TracedAction(int Step, int Position, StageAction Action, long Start, long End, long Weights);
