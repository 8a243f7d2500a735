using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric;

/// <summary>
/// What a source rank's stage lays down for its channels before <see cref="StartDispatch"/>, and where they put what comes
/// back. The stage owns it, except between <see cref="StartDispatch"/> and the last <see cref="CombineCompleted"/> of a phase,
/// when the channels do, each for its own range of tokens.
/// </summary>
public sealed class SourceExchange(GroupShape shape, int channels)
{
    private readonly Tensor[] _rows = new Tensor[2];
    private readonly Tensor[] _combined = new Tensor[2];
    private readonly int[] _rowsCombined = new int[2];

    /// <summary>Where the rows go; built in the forward.</summary>
    public ExchangeLayout Layout { get; } = new(shape, channels);

    /// <summary>Choices of the tokens, Int32 (tokens, Choices).</summary>
    public HostTensor Experts { get; private set; }

    /// <summary>Weights of the choices (tokens, Choices).</summary>
    public HostTensor Weights { get; private set; }

    /// <summary>Backward output: gradients of the weights (tokens, Choices), zero where a choice is −1.</summary>
    public HostTensor WeightGradients { get; private set; }

    /// <summary>Rows to send (tokens, as many as <see cref="GroupShape.Sent"/> has), of that form.</summary>
    public Tensor Rows(ExchangePhase phase) => _rows[(int)phase];

    /// <summary>Output (tokens, Columns), float32 or of the rows' type: each token's sum.</summary>
    public Tensor Combined(ExchangePhase phase) => _combined[(int)phase];

    /// <summary>Rows that have come back so far, one a token and node that it reached. Read by anyone, to tell people.</summary>
    public int RowsCombined(ExchangePhase phase) => Volatile.Read(ref _rowsCombined[(int)phase]);

    /// <summary>Names the tensors of the forward and works out the layout.</summary>
    /// <param name="rows">The tokens, as <see cref="GroupShape.Sent"/> says.</param>
    /// <param name="experts">Int32 (tokens, Choices).</param>
    /// <param name="weights">(tokens, Choices).</param>
    /// <param name="combined">Output (tokens, Columns), float32 or of the rows' type.</param>
    public void SetForward(Tensor rows, HostTensor experts, HostTensor weights, Tensor combined)
    {
        CheckSent(rows, rows.Rows, ExchangePhase.Forward, nameof(rows));
        CheckShape(experts, rows.Rows, shape.Choices, ElementType.Int32, nameof(experts));
        CheckShape(weights, rows.Rows, shape.Choices, ElementType.Float32, nameof(weights));
        CheckShape(combined, rows.Rows, shape.Columns, combined.Type == shape.RowType ? shape.RowType : ElementType.Float32, nameof(combined));
        (_rows[0], Experts, Weights, _combined[0]) = (rows, experts, weights, combined);
        _rowsCombined[0] = 0;
        Layout.Build(experts.AsSpan<int>(), rows.Rows);
    }

    /// <summary>Names the tensors of the backward; the layout stays.</summary>
    /// <param name="gradients">Gradients of the combined rows, as <see cref="GroupShape.Sent"/> says.</param>
    /// <param name="combined">Output: gradients of the rows (tokens, Columns), float32 or of the rows' type.</param>
    /// <param name="weightGradients">Output (tokens, Choices).</param>
    public void SetBackward(Tensor gradients, Tensor combined, HostTensor weightGradients)
    {
        CheckSent(gradients, Layout.Tokens, ExchangePhase.Backward, nameof(gradients));
        CheckShape(combined, Layout.Tokens, shape.Columns, combined.Type == shape.RowType ? shape.RowType : ElementType.Float32, nameof(combined));
        CheckShape(weightGradients, Layout.Tokens, shape.Choices, ElementType.Float32, nameof(weightGradients));
        (_rows[1], _combined[1], WeightGradients) = (gradients, combined, weightGradients);
        _rowsCombined[1] = 0;
    }

    /// <summary>Counts rows, a number for each node, that a channel has summed; several channels count at once.</summary>
    internal void CountCombined(ExchangePhase phase, ReadOnlySpan<int> rowsOfNodes)
    {
        foreach (int rows in rowsOfNodes)
        {
            Interlocked.Add(ref _rowsCombined[(int)phase], rows);
        }
    }

    private void CheckSent(Tensor tensor, int rows, ExchangePhase phase, string name) =>
        CheckShape(tensor, rows, shape.Sent(phase).Columns, shape.Sent(phase).Type, name);

    private static void CheckShape(Tensor tensor, int rows, int columns, ElementType type, string name)
    {
        if (tensor.Rows != rows || tensor.Columns != columns || tensor.Type != type)
        {
            throw TensorShapeException.Mismatch("exchange", name, tensor, $"{type}[{rows}, {columns}]");
        }
    }
}
