namespace Actors.Oracle;

/// <summary>What a training step reports.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Loss">Mean cross entropy of the step's tokens in nats, before the update.</param>
/// <param name="GradientNorm">Norm of all gradients before clipping.</param>
/// <param name="LearningRate">Learning rate used.</param>
/// <param name="Tokens">Predicted tokens.</param>
/// <param name="Loads">For each layer how often each expert was chosen; empty for a dense layer.</param>
/// <param name="PredictionLosses">Mean cross entropy of each prediction module in nats, before the update.</param>
/// <param name="Balance">The balance loss, see <see cref="Model.Training.BalanceLoss"/>; 0 without it.</param>
public sealed record StepResult(
    int Step, double Loss, double GradientNorm, double LearningRate, int Tokens, IReadOnlyList<long[]> Loads, IReadOnlyList<double> PredictionLosses, double Balance);
