using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What a <see cref="DenseFeedForward"/> keeps of one chunk, from its forward to its weight gradients.</summary>
public sealed class FeedForwardActivations : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _gateUp;
    private readonly Tensor _activated;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="innerColumns">Inner elements F.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    public FeedForwardActivations(IBackend backend, int innerColumns, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var plan = new TensorPlan();
        plan.Add(innerColumns > 0 ? maxTokens : 0, 2 * innerColumns, backend.Precision.Rows);
        plan.Add(innerColumns > 0 ? maxTokens : 0, innerColumns, backend.Precision.Rows);
        _arena = plan.Allocate(backend);
        _gateUp = plan.Next();
        _activated = plan.Next();
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>(tokens, 2F): gate then up; after the backward for input, their gradients.</summary>
    internal Tensor GateUp(int tokens) => _gateUp.RowRange(0, tokens);

    /// <summary>(tokens, F): the activation; in the backward its gradient, then the activation again.</summary>
    internal Tensor Activated(int tokens) => _activated.RowRange(0, tokens);
}
