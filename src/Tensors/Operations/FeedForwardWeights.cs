namespace Actors.Tensors.Operations;

/// <summary>The matrices of down(silu(gate(x)) · up(x)), of one feed-forward or of one an expert.</summary>
/// <param name="GateUp">Gate rows, then up rows (2F, columns).</param>
/// <param name="Down">Down projection (outputs, F).</param>
public readonly record struct FeedForwardWeights(Weight GateUp, Weight Down);
