using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What <see cref="RoutedExperts"/> keeps of one chunk, from its forward to its weight gradients. Its memory grows with the
/// rows that arrive, at most received · min(K, local experts), and is reused.
/// </summary>
public sealed class RoutedExpertsActivations : IDisposable
{
    private readonly IndexTensors _indices;
    private readonly GrowingBuffer _rows, _gateUp, _activated, _rowWeights, _sumWeights;

    /// <summary>Makes an empty set.</summary>
    public RoutedExpertsActivations(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _indices = new IndexTensors(backend);
        _rows = new GrowingBuffer(backend, ElementType.Float32);
        _gateUp = new GrowingBuffer(backend, ElementType.Float32);
        _activated = new GrowingBuffer(backend, ElementType.Float32);
        _rowWeights = new GrowingBuffer(backend, ElementType.Float32);
        _sumWeights = new GrowingBuffer(backend, ElementType.Float32);
    }

    /// <summary>Received rows of the present chunk.</summary>
    public int Received => Permutation.Received;

    /// <summary>Rows with an expert of the present chunk: the tokens that the local experts compute.</summary>
    public int Rows => Permutation.Count;

    /// <summary>The permutation between received rows and rows sorted by expert.</summary>
    internal ExpertRows Permutation { get; } = new();

    /// <summary>Int32 (1, local experts + 1).</summary>
    internal Tensor Offsets { get; private set; }

    /// <summary>Int32 (1, rows).</summary>
    internal Tensor Sources { get; private set; }

    /// <summary>Int32 (1, rows).</summary>
    internal Tensor Slots { get; private set; }

    /// <summary>Int32 (1, received · K).</summary>
    internal Tensor RowOfSlot { get; private set; }

    /// <summary>Int32 (received, K).</summary>
    internal Tensor SumRows { get; private set; }

    /// <summary>Int32 (1, received · K).</summary>
    internal Tensor SumSlots { get; private set; }

    /// <summary>Received rows sorted by expert (rows, H).</summary>
    internal Tensor Inputs { get; private set; }

    /// <summary>(rows, 2F), then its gradient.</summary>
    internal Tensor GateUp { get; private set; }

    /// <summary>(rows, F): activation, its gradient, then the weighted activation.</summary>
    internal Tensor Activated { get; private set; }

    /// <summary>Weight of each sorted row (1, rows).</summary>
    internal Tensor RowWeights { get; private set; }

    /// <summary>Weights in the order of <see cref="SumRows"/> (received, K).</summary>
    internal Tensor SumWeights { get; private set; }

    /// <summary>On loan from the backward for input to the weight gradients.</summary>
    internal ExpertTemporaries? Temporaries { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _indices.Dispose();
        _rows.Dispose();
        _gateUp.Dispose();
        _activated.Dispose();
        _rowWeights.Dispose();
        _sumWeights.Dispose();
    }

    /// <summary>Sizes everything for the permutation just built and uploads it.</summary>
    internal void Prepare(IStream stream, int hidden, int inner)
    {
        ExpertRows p = Permutation;
        int slots = p.Received * p.Choices;
        _indices.Begin(p.Offsets.Length + 2 * p.Count + 3 * slots);
        Offsets = _indices.Add(stream, p.Offsets);
        Sources = _indices.Add(stream, p.Sources);
        Slots = _indices.Add(stream, p.Slots);
        RowOfSlot = _indices.Add(stream, p.RowOfSlot);
        SumRows = _indices.Add(stream, p.SumRows).Reshape(p.Received, p.Choices);
        SumSlots = _indices.Add(stream, p.SumSlots);
        Inputs = _rows.Take(p.Count, hidden);
        GateUp = _gateUp.Take(p.Count, 2 * inner);
        Activated = _activated.Take(p.Count, inner);
        RowWeights = _rowWeights.Take(1, p.Count);
        SumWeights = _sumWeights.Take(p.Received, p.Choices);
    }
}
