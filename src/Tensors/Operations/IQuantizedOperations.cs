using Actors.Tensors.Quantized;

namespace Actors.Tensors.Operations;

/// <summary>
/// Quantization to E4M3 and to packed E5M6, and products of what was quantized (DeepSeek-V3 technical report, section 3.3). Scales and codes are those of
/// <see cref="Formats.TileScale"/>, to the bit. Rows that are not quantized are float32 or bfloat16, on every device.
/// <para>
/// A product sums code times code over each tile in float32 and in index order, and adds the tiles in order: sum = fma(tile's sum, scale · scale, sum). It is
/// rounded once where it is stored. A device may sum within a tile in another order (docs/sums.md says which).
/// </para>
/// </summary>
public interface IQuantizedOperations
{
    /// <summary>Quantizes rows tile by tile.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="y">Output of the same shape.</param>
    /// <param name="kind">Which scales.</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default);

    /// <summary>y = code · scale.</summary>
    /// <param name="x">Rows.</param>
    /// <param name="y">Output (rows, columns).</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default);

    /// <summary>Quantizes the matrices of a linear layer block by block, and transposes the codes where that is asked for.</summary>
    /// <param name="weight">(matrices · outputs, inputs).</param>
    /// <param name="y">Output of the same shape.</param>
    /// <param name="kind">Which scales.</param>
    void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind);

    /// <summary>Transposes rows and quantizes them in tiles of 128 rows of a group.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="y">Output.</param>
    /// <param name="kind">Which scales.</param>
    /// <param name="offsets">As in <see cref="ILinearOperations.GroupedLinear"/>; absent: one group of all rows.</param>
    void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default);

    /// <summary>The same of rows that were quantized along the other dimension: what is transposed is code · scale, in float32.</summary>
    /// <param name="x">Rows.</param>
    /// <param name="y">Output.</param>
    /// <param name="kind">Which scales.</param>
    /// <param name="offsets">As in <see cref="ILinearOperations.GroupedLinear"/>; absent: one group of all rows.</param>
    void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default);

    /// <summary>Packs rows in E5M6.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="y">Output.</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default);

    /// <summary>y = code · scale.</summary>
    /// <param name="x">Packed rows.</param>
    /// <param name="y">Output (rows, columns).</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default);

    /// <summary>y = x Wᵀ, or addend + x Wᵀ (the product rounded to float32 first).</summary>
    /// <param name="x">(rows, inputs) in tiles along the inputs.</param>
    /// <param name="weight">One matrix, or one a group.</param>
    /// <param name="y">Output (rows, outputs).</param>
    /// <param name="offsets">As in <see cref="ILinearOperations.GroupedLinear"/>; absent: one group of all rows.</param>
    /// <param name="addend">(rows, outputs) of y's type, or absent; may be <paramref name="y"/>.</param>
    void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default);

    /// <summary>dx = dy W, or addend + dy W.</summary>
    /// <param name="dy">(rows, outputs) in tiles along the outputs, cut as the weight's rows.</param>
    /// <param name="weight">One matrix, or one a group.</param>
    /// <param name="dx">Output (rows, inputs).</param>
    /// <param name="offsets">As in <see cref="QuantizedLinear"/>.</param>
    /// <param name="addend">(rows, inputs) of dx's type, or absent; may be <paramref name="dx"/>.</param>
    void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default);

    /// <summary>dW = dyᵀ x, or dW + dyᵀ x (the product summed from zero first), of each group.</summary>
    /// <param name="dy">(rows, outputs), transposed.</param>
    /// <param name="x">(rows, inputs), transposed.</param>
    /// <param name="dWeight">Float32 (groups · outputs, inputs).</param>
    /// <param name="accumulate">Add to what <paramref name="dWeight"/> holds; without it a group of no rows becomes zero.</param>
    /// <param name="offsets">Those that both were made with.</param>
    void QuantizedLinearBackwardWeight(in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default);
}
