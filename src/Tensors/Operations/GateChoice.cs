namespace Actors.Tensors.Operations;

/// <summary>A gate: the product that gives its logits, and how it chooses by them.</summary>
/// <param name="Weight">One matrix (experts, columns).</param>
/// <param name="Bias">Correction bias (1, experts); only chooses.</param>
/// <param name="Shape">The rule's sizes.</param>
public readonly record struct GateChoice(Weight Weight, Tensor Bias, GateShape Shape);
