namespace Actors.Tensors.Quantized;

/// <summary>
/// Rows in E4M3 with a scale for each tile of a row: activations, or gradients of outputs, whose tiles lie along what their product sums over. A value is its code
/// times its tile's scale.
/// </summary>
/// <param name="Codes">E4M3 (rows, columns).</param>
/// <param name="Scales">Float32 (rows, tiles).</param>
/// <param name="Cuts">How the columns are cut.</param>
public readonly record struct QuantizedRows(Tensor Codes, Tensor Scales, TileCuts Cuts)
{
    /// <summary>Rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public QuantizedRows RowRange(int start, int count) => new(Codes.RowRange(start, count), Scales.RowRange(start, count), Cuts);
}
