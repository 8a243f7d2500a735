using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// What <see cref="RoutedExperts"/> keeps of one chunk, from its forward to its weight gradients. Its memory grows with the
/// rows that arrive, at most received · min(K, local experts), and is reused.
/// </summary>
public sealed class RoutedExpertsActivations : IDisposable
{
    private readonly GrowingBuffer _order, _rows, _gateUp, _activated, _rowWeights, _sumWeights;
    private readonly GrowingBuffer _inputCodes, _inputScales, _gateUpCodes, _gateUpScales;

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
        _inputCodes = new GrowingBuffer(backend, ElementType.E4M3);
        _inputScales = new GrowingBuffer(backend, ElementType.Float32);
        _gateUpCodes = new GrowingBuffer(backend, ElementType.E4M3);
        _gateUpScales = new GrowingBuffer(backend, ElementType.Float32);
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

    /// <summary>Whether codes are kept of inputs and of gate and up, from which the backward computes the activation again.</summary>
    internal bool KeepsCodes { get; private set; }

    /// <summary>Received rows sorted by expert (rows, H): rows or codes.</summary>
    internal ProductRows Inputs { get; private set; }

    /// <summary>Gate and up where codes are kept.</summary>
    internal QuantizedRows GateUpCodes { get; private set; }

    /// <summary>(rows, 2F), then its gradient; where codes are kept it is lent.</summary>
    internal Tensor GateUp { get; private set; }

    /// <summary>(rows, F): activation, its gradient, then the weighted activation; where codes are kept it is lent.</summary>
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
        _inputCodes.Dispose();
        _inputScales.Dispose();
        _gateUpCodes.Dispose();
        _gateUpScales.Dispose();
    }

    /// <summary>Sizes everything for a chunk.</summary>
    internal void Prepare(int received, int choices, int experts, int rows, int hidden, int inner, bool keepsCodes, Tensor live)
    {
        (Received, Rows, LiveReceived) = (received, rows, live);
        Order = ExpertOrder.Cut(_order.Take(1, ExpertOrder.Elements(received, choices, experts, rows)), received, choices, experts, rows);
        KeepsCodes = keepsCodes;
        if (keepsCodes)
        {
            Inputs = new ProductRows(default, Codes(_inputCodes, _inputScales, rows, new TileCuts(hidden)));
            GateUpCodes = Codes(_gateUpCodes, _gateUpScales, rows, new TileCuts(2 * inner, inner));
        }
        else
        {
            Inputs = new ProductRows(_rows.Take(rows, hidden));
            GateUp = _gateUp.Take(rows, 2 * inner);
            Activated = _activated.Take(rows, inner);
        }

        RowWeights = _rowWeights.Take(1, rows);
        SumWeights = _sumWeights.Take(received, choices);
    }

    private static QuantizedRows Codes(GrowingBuffer codes, GrowingBuffer scales, int rows, TileCuts cuts) =>
        new(codes.Take(rows, cuts.Length), scales.Take(rows, cuts.Count), cuts);
}
