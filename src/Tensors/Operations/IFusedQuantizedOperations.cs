using Actors.Tensors.Quantized;

namespace Actors.Tensors.Operations;

/// <summary>
/// SwiGLU with the quantization before and behind it, which a device may compute in one go; results are those of one operation after the other. Scales are
/// <see cref="ScaleKind.Float32"/>; codes of gate and up are cut where up begins.
/// </summary>
public interface IFusedQuantizedOperations : IQuantizedOperations, IElementwiseOperations
{
    /// <summary>
    /// Codes of gate and up, and codes of silu(gate) · up: <see cref="IQuantizedOperations.QuantizeRows"/>, <see cref="IElementwiseOperations.SwiGlu"/>, and
    /// <see cref="IQuantizedOperations.QuantizeRows"/> of what that has stored.
    /// </summary>
    /// <param name="gateUp">(rows, 2F): gate, then up.</param>
    /// <param name="activated">(rows, F): memory that an implementation may use; undefined afterwards.</param>
    /// <param name="gateUpCodes">Output (rows, 2F); absent: not wanted.</param>
    /// <param name="activatedCodes">Output (rows, F).</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void SwiGluCodes(Tensor gateUp, Tensor activated, in QuantizedRows gateUpCodes, in QuantizedRows activatedCodes, Tensor live = default) =>
        SwiGluCodesInTurn(this, gateUp, activated, gateUpCodes, activatedCodes, live);

    /// <summary>
    /// Backward of a weighted SwiGLU from codes of its input, and codes of the gradient: <see cref="IQuantizedOperations.DequantizeRows"/>,
    /// <see cref="IElementwiseOperations.SwiGluBackward"/> in place, and <see cref="IQuantizedOperations.QuantizeRows"/>.
    /// </summary>
    /// <param name="gateUpCodes">Saved input (rows, 2F).</param>
    /// <param name="dy">Gradient before weighting (rows, F); becomes what the following product's weight gradient needs, w · a.</param>
    /// <param name="weights">(1, rows), or absent.</param>
    /// <param name="dGateUp">Output (rows, 2F).</param>
    /// <param name="dGateUpCodes">Output (rows, 2F): its codes.</param>
    /// <param name="dWeights">Output (1, rows), absent where weights are.</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void SwiGluBackwardCodes(
        in QuantizedRows gateUpCodes, Tensor dy, Tensor weights, Tensor dGateUp, in QuantizedRows dGateUpCodes, Tensor dWeights, Tensor live = default) =>
        SwiGluBackwardCodesInTurn(this, gateUpCodes, dy, weights, dGateUp, dGateUpCodes, dWeights, live);

    /// <summary><see cref="SwiGluCodes"/> as one operation after the other.</summary>
    static void SwiGluCodesInTurn(
        IFusedQuantizedOperations stream, Tensor gateUp, Tensor activated, in QuantizedRows gateUpCodes, in QuantizedRows activatedCodes, Tensor live)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!gateUpCodes.Codes.IsAbsent)
        {
            stream.QuantizeRows(gateUp, gateUpCodes, ScaleKind.Float32, live);
        }

        stream.SwiGlu(gateUp, activated, live);
        stream.QuantizeRows(activated, activatedCodes, ScaleKind.Float32, live);
    }

    /// <summary><see cref="SwiGluBackwardCodes"/> as one operation after the other.</summary>
    static void SwiGluBackwardCodesInTurn(
        IFusedQuantizedOperations stream, in QuantizedRows gateUpCodes, Tensor dy, Tensor weights, Tensor dGateUp, in QuantizedRows dGateUpCodes, Tensor dWeights,
        Tensor live)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.DequantizeRows(gateUpCodes, dGateUp, live);
        stream.SwiGluBackward(dGateUp, dy, weights, dGateUp, dy, dWeights, live);
        stream.QuantizeRows(dGateUp, dGateUpCodes, ScaleKind.Float32, live);
    }
}
