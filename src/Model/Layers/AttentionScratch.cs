using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What attention needs only while one of its calls runs, shared by all layers that run on one stream: the gradient of the
/// heads' outputs, and, where activations do not keep them, norm outputs and up-projections.
/// </summary>
public sealed class AttentionScratch : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _outputGradient;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">Mode of the activations that will be used with it.</param>
    public AttentionScratch(IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode)
    {
        ArgumentNullException.ThrowIfNull(config);
        var plan = new TensorPlan();
        plan.Add(mode == ActivationMode.ForwardOnly ? 0 : maxTokens, config.Heads * config.ValueHeadSize);
        ProjectedTensors.Plan(plan, config, mode == ActivationMode.Kept ? 0 : maxTokens);
        _arena = plan.Allocate(backend);
        _outputGradient = plan.Next();
        Projected = ProjectedTensors.Take(plan);
    }

    /// <summary>Norm outputs and up-projections of the call that runs.</summary>
    internal ProjectedTensors Projected { get; }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>Gradient of the heads' outputs (tokens, heads · value).</summary>
    internal Tensor OutputGradient(int tokens) => _outputGradient.RowRange(0, tokens);
}
