using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>The inside of a feed-forward, where its activations keep codes instead: for a forward, or from a backward for input to the weight gradients.</summary>
internal sealed class FeedForwardTemporaries(IBackend backend) : IDisposable
{
    private readonly GrowingBuffer _gateUp = new(backend, backend.Precision.Rows);
    private readonly GrowingBuffer _activated = new(backend, backend.Precision.Rows);

    /// <summary>(rows, 2F): gate then up, in the backward their gradients.</summary>
    public Tensor GateUp(int rows, int inner) => _gateUp.Take(rows, 2 * inner);

    /// <summary>(rows, F): the activation, in the backward its gradient, then the activation again.</summary>
    public Tensor Activated(int rows, int inner) => _activated.Take(rows, inner);

    /// <inheritdoc/>
    public void Dispose()
    {
        _gateUp.Dispose();
        _activated.Dispose();
    }
}
