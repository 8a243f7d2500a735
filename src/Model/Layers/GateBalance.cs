using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What a gate's backward does for the balance of experts, see <see cref="Tensors.Operations.IRoutingOperations.BalanceLoss"/>.</summary>
/// <param name="Scale">Factor of the balance loss's gradient; 0: it has none, and nothing is computed.</param>
/// <param name="Losses">Output (1, sequences of the chunk): the layer's balance loss of each.</param>
public readonly record struct GateBalance(float Scale, Tensor Losses);
