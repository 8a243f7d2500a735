using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>A layer whose shared expert, experts and residual one shard computes.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Activations">After attention's forward.</param>
/// <param name="Output">Output (tokens, H).</param>
internal readonly record struct WholeLayer(TransformerLayer Layer, LayerActivations Activations, Tensor Output);
