namespace Actors.Tensors.Quantized;

/// <summary>
/// Matrices of a linear layer in E4M3 with a scale for each block of 128 x 128. Blocks begin anew with each matrix, and within it where its rows are cut, so
/// that each tensor of a checkpoint has its own. The blocks serve y = x Wᵀ and dx = dy W alike.
/// </summary>
/// <param name="Codes">E4M3 (matrices · outputs, inputs), matrices one after the other.</param>
/// <param name="Scales">Float32 (matrices · tiles of <paramref name="RowCuts"/>, tiles of the inputs).</param>
/// <param name="Groups">Matrices.</param>
/// <param name="RowCuts">How the rows of a matrix, its outputs, are cut.</param>
/// <param name="Transposed">
/// E4M3 (matrices · inputs, outputs): the codes of the transposed matrices, which tensor cores need for dx = dy W, since of bytes they take none that lie across the
/// sum; absent: that product is computed without, and slower.
/// </param>
public readonly record struct QuantizedBlocks(Tensor Codes, Tensor Scales, int Groups, TileCuts RowCuts, Tensor Transposed = default)
{
    /// <summary>Rows of a matrix.</summary>
    public int Outputs => RowCuts.Length;

    /// <summary>Columns of a matrix.</summary>
    public int Inputs => Codes.Columns;

    /// <summary>How the columns are cut.</summary>
    public TileCuts ColumnCuts => new(Codes.Columns);
}
