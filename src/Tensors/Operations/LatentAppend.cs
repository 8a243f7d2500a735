namespace Actors.Tensors.Operations;

/// <summary>How <see cref="IFusedOperations.AppendLatents"/> norms and rotates, and where rows go.</summary>
/// <param name="Heads">Heads of the queries.</param>
/// <param name="Norm">The latent's norm (1, latent columns).</param>
/// <param name="Epsilon">Added to the mean square.</param>
/// <param name="Positions">Int32 (1, rows).</param>
/// <param name="Cos">(positions, rope columns / 2).</param>
/// <param name="Sin">(positions, rope columns / 2).</param>
/// <param name="Places">Int32 (1, rows): the cache row of each; −1: it has none.</param>
public readonly record struct LatentAppend(int Heads, Tensor Norm, float Epsilon, Tensor Positions, Tensor Cos, Tensor Sin, Tensor Places);
