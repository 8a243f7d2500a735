namespace Actors.Tensors.Operations;

/// <summary>Which experts compute a row, and what their outputs weigh.</summary>
/// <param name="Experts">Int32 (rows, K): −1 is another rank's.</param>
/// <param name="Weights">(rows, K), read where the choice is local.</param>
/// <param name="Of">The experts' matrices.</param>
public readonly record struct ChosenExperts(Tensor Experts, Tensor Weights, FeedForwardWeights Of);
