using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What attention needs only for a while, shared by all layers that run on one stream: while one of its calls runs, norm outputs and
/// up-projections, where activations do not keep them.
/// </summary>
public sealed class AttentionScratch : IDisposable
{
    private readonly Arena _arena;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">Mode of the activations that will be used with it.</param>
    /// <param name="temporaries">Lends what lives longer than a call; it outlives this.</param>
    public AttentionScratch(IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode, LayerTemporaries temporaries)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(temporaries);
        var plan = new TensorPlan();
        bool isKept = mode == ActivationMode.Kept;
        ProjectedTensors.Plan(plan, config, maxTokens, backend.Precision, isKept, isScratch: true);
        _arena = plan.Allocate(backend);
        Projected = ProjectedTensors.Take(plan, config, maxTokens, backend.Precision, isKept, isScratch: true);
        Gradients = temporaries.Attention;
        Codes = temporaries.Codes;
        FeedForward = temporaries.FeedForward;
    }

    /// <summary>Lends what the backward for input leaves for the weight gradients.</summary>
    internal WarmPool<AttentionGradients> Gradients { get; }

    /// <summary>Lends codes for a product.</summary>
    internal WarmPool<QuantizedScratch> Codes { get; }

    /// <summary>Lends what a feed-forward of codes does not keep.</summary>
    internal WarmPool<FeedForwardTemporaries> FeedForward { get; }

    /// <summary>Norm outputs and up-projections of the call that runs, as far as activations do not have them.</summary>
    internal ProjectedTensors Projected { get; }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();
}
