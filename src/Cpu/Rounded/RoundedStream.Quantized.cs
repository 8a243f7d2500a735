using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Rounded;

/// <summary>Quantization and products of what was quantized: they take rows of both types by themselves, and round once where they store.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default) => _float32.QuantizeRows(x, y, kind, live);

    /// <inheritdoc/>
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default) => _float32.DequantizeRows(x, y, live);

    /// <inheritdoc/>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind) => _float32.QuantizeBlocks(weight, y, kind);

    /// <inheritdoc/>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default) => _float32.QuantizeTokens(x, y, kind, offsets);

    /// <inheritdoc/>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default) =>
        _float32.RequantizeTokens(x, y, kind, offsets);

    /// <inheritdoc/>
    public void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default) => _float32.PackRows(x, y, live);

    /// <inheritdoc/>
    public void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default) => _float32.UnpackRows(x, y, live);

    /// <inheritdoc/>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default) =>
        _float32.QuantizedLinear(x, weight, y, offsets, addend);

    /// <inheritdoc/>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default) =>
        _float32.QuantizedLinearBackwardInput(dy, weight, dx, offsets, addend);

    /// <inheritdoc/>
    public void QuantizedLinearBackwardWeight(
        in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default) =>
        _float32.QuantizedLinearBackwardWeight(dy, x, dWeight, accumulate, offsets);
}
