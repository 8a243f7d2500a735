using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Backend;

/// <summary>Quantization, and products of what was quantized.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void QuantizeRows(Tensor x, in QuantizedRows y, ScaleKind kind, Tensor live = default)
    {
        Checks.QuantizeRows(x, y, live);
        _kernels.Quantization[x.Type].Rows(Queue, x, y, kind, Live(live, x));
    }

    /// <inheritdoc/>
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live = default)
    {
        Checks.DequantizeRows(x, y, live);
        _kernels.Quantization[y.Type].Back(Queue, x, y, Live(live, y));
    }

    /// <inheritdoc/>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y, ScaleKind kind)
    {
        Checks.QuantizeBlocks(weight, y);
        _kernels.Quantization[weight.Type].Matrices(Queue, weight, y, kind);
    }

    /// <inheritdoc/>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        Checks.QuantizeTokens(x, y, offsets);
        _kernels.Quantization[x.Type].Tokens(Queue, x, y, kind, offsets);
    }

    /// <inheritdoc/>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, ScaleKind kind, Tensor offsets = default)
    {
        Checks.RequantizeTokens(x, y, offsets);
        _kernels.TokenQuantization.Enqueue(Queue, x, y, kind, offsets);
    }

    /// <inheritdoc/>
    public void PackRows(Tensor x, in PackedE5M6 y, Tensor live = default)
    {
        Checks.PackRows("PackRows", x, y, live);
        _kernels.Quantization[x.Type].Pack(Queue, x, y, Live(live, x));
    }

    /// <inheritdoc/>
    public void UnpackRows(in PackedE5M6 x, Tensor y, Tensor live = default)
    {
        Checks.PackRows("UnpackRows", y, x, live);
        _kernels.Quantization[y.Type].Unpack(Queue, x, y, Live(live, y));
    }

    /// <inheritdoc/>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets = default, Tensor addend = default)
    {
        Checks.QuantizedLinear(x, weight, y, offsets, addend);
        _kernels.QuantizedProducts.Forward(Queue, x, weight, y, offsets, addend);
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets = default, Tensor addend = default)
    {
        Checks.QuantizedLinearBackwardInput(dy, weight, dx, offsets, addend);
        _kernels.QuantizedProducts.BackwardInput(Queue, dy, weight, dx, offsets, addend);
    }

    /// <inheritdoc/>
    public void QuantizedLinearBackwardWeight(
        in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, bool accumulate = true, Tensor offsets = default)
    {
        Checks.QuantizedLinearBackwardWeight(dy, x, dWeight, offsets);
        _kernels.QuantizedProducts.BackwardWeight(Queue, dy, x, dWeight, accumulate, offsets);
    }

    /// <inheritdoc/>
    public void SwiGluCodes(Tensor gateUp, Tensor activated, in QuantizedRows gateUpCodes, in QuantizedRows activatedCodes, Tensor live = default)
    {
        Checks.SwiGluCodes(gateUp, activated, gateUpCodes, activatedCodes, live);
        if (!_kernels.SwiGluCodes[gateUp.Type].TryForward(Queue, gateUp, gateUpCodes, activatedCodes, Live(live, gateUp)))
        {
            IFusedQuantizedOperations.SwiGluCodesInTurn(this, gateUp, activated, gateUpCodes, activatedCodes, live);
        }
    }

    /// <inheritdoc/>
    public void SwiGluBackwardCodes(
        in QuantizedRows gateUpCodes, Tensor dy, Tensor weights, Tensor dGateUp, in QuantizedRows dGateUpCodes, Tensor dWeights, Tensor live = default)
    {
        Checks.SwiGluBackwardCodes(gateUpCodes, dy, weights, dGateUp, dGateUpCodes, dWeights, live);
        bool isTaken = _kernels.SwiGluCodes[dy.Type].TryBackward(
            Queue, gateUpCodes, dy, RowView.AddressOf(weights), dGateUp, dGateUpCodes, RowView.AddressOf(dWeights), Live(live, dy));
        if (!isTaken)
        {
            IFusedQuantizedOperations.SwiGluBackwardCodesInTurn(this, gateUpCodes, dy, weights, dGateUp, dGateUpCodes, dWeights, live);
        }
    }
}
