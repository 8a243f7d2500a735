using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// One layer without its routed experts, which are shards of their own. The order of a chunk with experts: Attention.Forward,
/// dispatch of Normed, <see cref="ForwardFeedForward"/> and the shards, combine into Routed, <see cref="ForwardCombine"/>;
/// backward: dispatch of OutputGradient, <see cref="BackwardFeedForwardInput"/> and the shards, combine into Routed,
/// <see cref="BackwardCombine"/>, Attention.BackwardInput; weight gradients any time later. A dense layer skips dispatch
/// and combine.
/// </summary>
public sealed class TransformerLayer
{
    /// <summary>Makes the components of one layer.</summary>
    /// <param name="config">Sizes and rules.</param>
    /// <param name="weights">Values of the layer.</param>
    /// <param name="rope">Tables that reach as far as any position.</param>
    /// <param name="scratch">Shared by the layers of one stream.</param>
    public TransformerLayer(ModelConfig config, LayerWeights weights, RopeTables rope, AttentionScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Weights = weights;
        Attention = new Attention(config, weights, rope, scratch);
        FeedForward = weights is { GateUp: { } gateUp, FeedForwardDown: { } down } ? new DenseFeedForward(gateUp, down, scratch) : null;
    }

    /// <summary>Values of the layer.</summary>
    public LayerWeights Weights { get; }

    /// <summary>Attention, norms and gate.</summary>
    public Attention Attention { get; }

    /// <summary>The dense feed-forward or the shared expert; null in a layer with experts of a model without shared ones.</summary>
    public DenseFeedForward? FeedForward { get; }

    /// <summary>
    /// Dense layer: output = hidden + feed-forward. With experts: the shared expert's output, <paramref name="output"/> is not
    /// written.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">After attention's forward.</param>
    /// <param name="output">Output of a dense layer (tokens, H), such as the next layer's input.</param>
    public void ForwardFeedForward(IStream stream, LayerActivations activations, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(activations);
        AttentionActivations a = activations.Attention;
        if (FeedForward is null)
        {
            return;
        }

        (Tensor to, Tensor addend) = Weights.HasExperts ? (activations.SharedOutput, default) : (output, a.Hidden);
        if (a.Mode == ActivationMode.ForwardOnly)
        {
            FeedForward.ForwardOnly(stream, activations.FeedForward, a.Normed, to, addend);
        }
        else
        {
            FeedForward.Forward(stream, activations.FeedForward, a.Normed, to, addend);
        }
    }

    /// <summary>With experts: output = hidden + (routed + shared), or hidden + routed where nothing is shared.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With Routed filled.</param>
    /// <param name="output">Output (tokens, H).</param>
    public void ForwardCombine(IStream stream, LayerActivations activations, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        if (FeedForward is null)
        {
            stream.Add(activations.Attention.Hidden, activations.Routed, output);
        }
        else
        {
            stream.Add(activations.Attention.Hidden, activations.Routed, activations.SharedOutput, output);
        }
    }

    /// <summary>
    /// What follows attention in a layer with experts where one shard has all of them and no backward follows: output = hidden + (routed + shared), as
    /// <see cref="ForwardFeedForward"/>, the shard and <see cref="ForwardCombine"/> make it; few rows may be computed in one go.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">After attention's forward.</param>
    /// <param name="experts">All experts of the layer.</param>
    /// <param name="kept">What the shard keeps.</param>
    /// <param name="output">Output (tokens, H).</param>
    public void ForwardOnly(IStream stream, LayerActivations activations, RoutedExperts experts, RoutedExpertsActivations kept, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(experts);
        AttentionActivations a = activations.Attention;
        bool mayFuse = experts.MayFuse && FeedForward is null or { MayFuse: true };
        if (!mayFuse || !stream.TryFeedForward(a.Normed, experts.Chosen(a.Experts, a.ExpertWeights), FeedForward?.Weights, output, a.Hidden))
        {
            ForwardFeedForward(stream, activations, output);
            experts.ForwardOnly(stream, kept, a.Normed, a.Experts, (int)a.Experts.Count, a.ExpertWeights, activations.Routed);
            ForwardCombine(stream, activations, output);
        }
    }

    /// <summary>Gradient through the dense feed-forward or the shared expert, into attention's NormedGradient.</summary>
    public void BackwardFeedForwardInput(IStream stream, LayerActivations activations)
    {
        ArgumentNullException.ThrowIfNull(activations);
        AttentionActivations a = activations.Attention;
        FeedForward?.BackwardInput(stream, activations.FeedForward, a.OutputGradient, a.NormedGradient);
    }

    /// <summary>
    /// With experts, after <see cref="BackwardFeedForwardInput"/>: normed gradient = routed + shared, or routed where nothing is shared;
    /// attention then adds the gate's.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With Routed filled.</param>
    public void BackwardCombine(IStream stream, LayerActivations activations)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        Tensor gradient = activations.Attention.NormedGradient;
        if (FeedForward is null)
        {
            stream.Copy(activations.Routed, gradient);
        }
        else
        {
            stream.Add(activations.Routed, gradient, gradient);
        }
    }

    /// <summary>Weight gradients of the dense feed-forward or the shared expert.</summary>
    public void BackwardFeedForwardWeights(IStream stream, LayerActivations activations, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(activations);
        AttentionActivations a = activations.Attention;
        FeedForward?.BackwardWeights(stream, activations.FeedForward, a.Normed, a.OutputGradient, gradients);
    }
}
