using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What attention needs only for a while, shared by all layers that run on one stream: while one of its calls runs, the gradient
/// of the heads' outputs, and, where activations do not keep them, norm outputs and up-projections; between a chunk's backward
/// for input and its weight gradients, what the one leaves for the other.
/// </summary>
public sealed class AttentionScratch : IDisposable
{
    private readonly IBackend _backend;
    private readonly ModelConfig _config;
    private readonly int _maxTokens;
    private readonly Arena _arena;
    private readonly Tensor _outputGradient;
    private readonly List<AttentionGradients> _gradients = [];
    private readonly Stack<AttentionGradients> _free = [];

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">Mode of the activations that will be used with it.</param>
    public AttentionScratch(IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode)
    {
        ArgumentNullException.ThrowIfNull(config);
        _backend = backend;
        _config = config;
        _maxTokens = maxTokens;
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
    public void Dispose()
    {
        _arena.Dispose();
        foreach (AttentionGradients gradients in _gradients)
        {
            gradients.Dispose();
        }
    }

    /// <summary>Gradient of the heads' outputs (tokens, heads · value).</summary>
    internal Tensor OutputGradient(int tokens) => _outputGradient.RowRange(0, tokens);

    /// <summary>
    /// Lends a set; one is made when none is free, so as many exist as layers of chunks ever waited for their weight gradients
    /// at once.
    /// </summary>
    internal AttentionGradients Rent()
    {
        if (!_free.TryPop(out AttentionGradients? gradients))
        {
            gradients = new AttentionGradients(_backend, _config, _maxTokens);
            _gradients.Add(gradients);
        }

        return gradients;
    }

    /// <summary>Takes a set back.</summary>
    internal void Return(AttentionGradients gradients) => _free.Push(gradients);
}
