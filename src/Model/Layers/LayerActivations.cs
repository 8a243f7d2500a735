using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What one <see cref="TransformerLayer"/> receives, returns and keeps of one chunk. H: hidden size.</summary>
public sealed class LayerActivations : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _shared;
    private readonly Tensor _routed;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">What to keep.</param>
    /// <param name="routesOnHost">Whether the host reads where tokens go: they leave the memory of the device.</param>
    public LayerActivations(IBackend backend, ModelConfig config, int layer, int maxTokens, ActivationMode mode, bool routesOnHost)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        bool experts = config.HasExperts(layer);
        int inner = experts ? config.ExpertIntermediateSize * config.SharedExperts : config.IntermediateSize;
        Attention = new AttentionActivations(backend, config, experts, maxTokens, mode, routesOnHost);
        FeedForward = new FeedForwardActivations(backend, config.HiddenSize, inner, maxTokens, mode);
        var plan = new TensorPlan();
        plan.Add(experts && config.SharedExperts > 0 ? maxTokens : 0, config.HiddenSize, backend.Precision.Rows);
        plan.Add(experts ? maxTokens : 0, config.HiddenSize, backend.Precision.Rows);
        _arena = plan.Allocate(backend);
        _shared = plan.Next();
        _routed = plan.Next();
    }

    /// <summary>Attention's, with the layer's input and the gradient of its output.</summary>
    public AttentionActivations Attention { get; }

    /// <summary>The dense feed-forward's or the shared expert's.</summary>
    public FeedForwardActivations FeedForward { get; }

    /// <summary>Rows of the present chunk.</summary>
    public int Tokens => Attention.Tokens;

    /// <summary>Output of the shared expert (tokens, H); only in a layer that has one.</summary>
    public Tensor SharedOutput => _shared.RowRange(0, Tokens);

    /// <summary>
    /// Filled by the caller in a layer with experts (tokens, H): the combined sum of the routed experts before
    /// <see cref="TransformerLayer.ForwardCombine"/>, the combined gradient of what was dispatched before
    /// <see cref="TransformerLayer.BackwardCombine"/>.
    /// </summary>
    public Tensor Routed => _routed.RowRange(0, Tokens);

    /// <summary>Sets the rows of the next chunk; 0 or more.</summary>
    public void SetTokens(int tokens) => Attention.SetTokens(tokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        Attention.Dispose();
        FeedForward.Dispose();
        _arena.Dispose();
    }
}
