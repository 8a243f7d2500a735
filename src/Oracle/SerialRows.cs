using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>The stack of rows that ranks receive and return; one layer uses it at a time.</summary>
internal sealed class SerialRows : IDisposable
{
    private readonly GrowingBuffer _received, _partials, _weights, _nodes;
    private readonly int _hidden;

    public SerialRows(IBackend backend, int hidden)
    {
        _hidden = hidden;
        _received = new GrowingBuffer(backend, backend.Precision.Rows);
        _partials = new GrowingBuffer(backend, backend.Precision.Rows);
        _weights = new GrowingBuffer(backend, ElementType.Float32);
        _nodes = new GrowingBuffer(backend, backend.Precision.Rows);
    }

    /// <summary>Dispatched rows (rows, H).</summary>
    public Tensor Received { get; private set; }

    /// <summary>Returned partial sums (rows, H).</summary>
    public Tensor Partials { get; private set; }

    /// <summary>Dispatched weights, or their gradients (rows, K).</summary>
    public Tensor Weights { get; private set; }

    /// <summary>Makes room for <paramref name="rows"/> of <paramref name="choices"/>.</summary>
    public void Take(int rows, int choices)
    {
        Received = _received.Take(rows, _hidden);
        Partials = _partials.Take(rows, _hidden);
        Weights = _weights.Take(rows, choices);
    }

    /// <summary>Sums of each node for one source (nodes · tokens, H).</summary>
    public Tensor TakeNodes(int rows) => _nodes.Take(rows, _hidden);

    /// <inheritdoc/>
    public void Dispose()
    {
        _received.Dispose();
        _partials.Dispose();
        _weights.Dispose();
        _nodes.Dispose();
    }
}
