using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What attention needs only for a while, shared by all layers that run on one stream: while one of its calls runs, norm outputs and
/// up-projections, where activations do not keep them; between a chunk's backward for input and its weight gradients, what
/// the one leaves for the other.
/// </summary>
public sealed class AttentionScratch : IDisposable
{
    private readonly Arena _arena;
    private readonly AttentionGradientSets? _ownGradients;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">Mode of the activations that will be used with it.</param>
    /// <param name="gradients">Lends what a backward leaves, to other ranks too; null for sets of its own.</param>
    public AttentionScratch(
        IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode, AttentionGradientSets? gradients = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var plan = new TensorPlan();
        ProjectedTensors.Plan(plan, config, mode == ActivationMode.Kept ? 0 : maxTokens);
        _arena = plan.Allocate(backend);
        Projected = ProjectedTensors.Take(plan);
        _ownGradients = gradients is null ? new AttentionGradientSets(backend, config, maxTokens) : null;
        Gradients = gradients ?? _ownGradients!;
    }

    /// <summary>Lends what the backward for input leaves for the weight gradients.</summary>
    internal AttentionGradientSets Gradients { get; }

    /// <summary>Norm outputs and up-projections of the call that runs.</summary>
    internal ProjectedTensors Projected { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        _ownGradients?.Dispose();
    }
}
