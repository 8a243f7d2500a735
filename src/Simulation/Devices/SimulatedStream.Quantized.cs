using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Simulation.Devices;

/// <content>Its quantization, and products of what was quantized.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default)
    {
        QuantizedRows result = y;
        Run(Operation.QuantizeRows, result.Codes, () => _inner.QuantizeRows(x, result, kind, live));
    }

    /// <inheritdoc/>
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default)
    {
        QuantizedRows rows = x;
        Run(Operation.DequantizeRows, y, () => _inner.DequantizeRows(rows, y, live));
    }

    /// <inheritdoc/>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind)
    {
        QuantizedBlocks result = y;
        Run(Operation.QuantizeBlocks, result.Codes, () => _inner.QuantizeBlocks(weight, result, kind));
    }

    /// <inheritdoc/>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        QuantizedTokens result = y;
        Run(Operation.QuantizeTokens, result.Codes, () => _inner.QuantizeTokens(x, result, kind, offsets));
    }

    /// <inheritdoc/>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        QuantizedRows rows = x;
        QuantizedTokens result = y;
        Run(Operation.RequantizeTokens, result.Codes, () => _inner.RequantizeTokens(rows, result, kind, offsets));
    }

    /// <inheritdoc/>
    public void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default)
    {
        PackedE5M6 result = y;
        Run(Operation.PackRows, result.Words, () => _inner.PackRows(x, result, live));
    }

    /// <inheritdoc/>
    public void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default)
    {
        PackedE5M6 rows = x;
        Run(Operation.UnpackRows, y, () => _inner.UnpackRows(rows, y, live));
    }

    /// <inheritdoc/>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default)
    {
        QuantizedRows rows = x;
        QuantizedBlocks blocks = weight;
        Run(Operation.QuantizedLinear, y, () => _inner.QuantizedLinear(rows, blocks, y, offsets, addend));
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default)
    {
        QuantizedRows rows = dy;
        QuantizedBlocks blocks = weight;
        Run(Operation.QuantizedLinearBackwardInput, dx, () => _inner.QuantizedLinearBackwardInput(rows, blocks, dx, offsets, addend));
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardWeight(
        in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default)
    {
        QuantizedTokens outputs = dy, inputs = x;
        Run(
            Operation.QuantizedLinearBackwardWeight, dWeight,
            () => _inner.QuantizedLinearBackwardWeight(outputs, inputs, dWeight, accumulate, offsets));
    }
}
