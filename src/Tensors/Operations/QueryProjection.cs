namespace Actors.Tensors.Operations;

/// <summary>How a compressed query becomes the heads' queries: its norm, and the up-projection of that.</summary>
/// <param name="Latent">(rows, query rank).</param>
/// <param name="Norm">(1, query rank).</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Normed">Output (rows, query rank).</param>
/// <param name="Up">One matrix (heads · query columns, query rank).</param>
public readonly record struct QueryProjection(Tensor Latent, Tensor Norm, float Epsilon, Tensor Normed, Weight Up);
