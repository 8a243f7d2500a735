using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Model.Layers;

/// <summary>
/// What <see cref="RoutedExperts"/> keeps of one chunk, from its forward to its weight gradients. Its memory grows with the
/// rows that arrive, at most received · min(K, local experts), and is reused.
/// </summary>
public sealed class RoutedExpertsActivations : IDisposable
{
    private readonly GrowingBuffer _order, _rows, _gateUp, _activated, _rowWeights, _sumWeights;

    /// <summary>Makes an empty set.</summary>
    public RoutedExpertsActivations(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _order = new GrowingBuffer(backend, ElementType.Int32);
        _rows = new GrowingBuffer(backend, backend.Precision.Rows);
        _gateUp = new GrowingBuffer(backend, backend.Precision.Rows);
        _activated = new GrowingBuffer(backend, backend.Precision.Rows);
        _rowWeights = new GrowingBuffer(backend, ElementType.Float32);
        _sumWeights = new GrowingBuffer(backend, ElementType.Float32);
    }

    /// <summary>Received rows of the present chunk.</summary>
    public int Received { get; private set; }

    /// <summary>Rows with an expert of the present chunk: the tokens that the local experts compute.</summary>
    public int Rows { get; private set; }

    /// <summary>How many received rows are there, where only the device knows it; absent: all.</summary>
    internal Tensor LiveReceived { get; private set; }

    /// <summary>How many sorted rows are there, where only the device knows it; absent: all.</summary>
    internal Tensor LiveRows => LiveReceived.IsAbsent ? default : Order.Live;

    /// <summary>The permutation between received rows and rows sorted by expert.</summary>
    internal ExpertOrder Order { get; private set; }

    /// <summary>Received rows sorted by expert (rows, H).</summary>
    internal Tensor Inputs { get; private set; }

    /// <summary>(rows, 2F), then its gradient.</summary>
    internal Tensor GateUp { get; private set; }

    /// <summary>(rows, F): activation, its gradient, then the weighted activation.</summary>
    internal Tensor Activated { get; private set; }

    /// <summary>Weight of each sorted row (1, rows).</summary>
    internal Tensor RowWeights { get; private set; }

    /// <summary>Weights in the order of <see cref="ExpertOrder.SumRows"/> (received, K).</summary>
    internal Tensor SumWeights { get; private set; }

    /// <summary>On loan from the backward for input to the weight gradients.</summary>
    internal ExpertTemporaries? Temporaries { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _order.Dispose();
        _rows.Dispose();
        _gateUp.Dispose();
        _activated.Dispose();
        _rowWeights.Dispose();
        _sumWeights.Dispose();
    }

    /// <summary>Sizes everything for a chunk.</summary>
    internal void Prepare(int received, int choices, int experts, int rows, int hidden, int inner, Tensor live)
    {
        (Received, Rows, LiveReceived) = (received, rows, live);
        Order = ExpertOrder.Cut(_order.Take(1, ExpertOrder.Elements(received, choices, experts, rows)), received, choices, experts, rows);
        Inputs = _rows.Take(rows, hidden);
        GateUp = _gateUp.Take(rows, 2 * inner);
        Activated = _activated.Take(rows, inner);
        RowWeights = _rowWeights.Take(1, rows);
        SumWeights = _sumWeights.Take(received, choices);
    }
}
