using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>
/// SwiGLU with quantization before and behind it. Codes of what a SwiGLU computes are compared as the numbers that they stand for, since devices differ in its last
/// places; <see cref="FusedSwiGlu"/> holds a GPU to equal bits. Rows beyond the live ones keep what they had.
/// </summary>
internal static class FusedQuantizedCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table[nameof(IFusedQuantizedOperations.SwiGluCodes)] = trial => Forward(trial, keeps: true, live: false);
        table["SwiGluCodes, codes of the activation alone"] = trial => Forward(trial, keeps: false, live: false);
        table["SwiGluCodes, live rows"] = trial => Forward(trial, keeps: true, live: true);
        table[nameof(IFusedQuantizedOperations.SwiGluBackwardCodes)] = trial => Backward(trial, weighted: false, live: false);
        table["SwiGluBackwardCodes, weighted"] = trial => Backward(trial, weighted: true, live: false);
        table["SwiGluBackwardCodes, weighted, live rows"] = trial => Backward(trial, weighted: true, live: true);
    }

    private static void Forward(Trial trial, bool keeps, bool live)
    {
        int inner = QuantizationCases.LongSize(trial);
        Tensor gateUp = trial.Rows(trial.Size(), 2 * inner, scale: 3);
        Tensor count = QuantizationCases.Live(trial, gateUp.Rows, live);
        QuantizedRows kept = keeps ? QuantizationCases.Quantized(trial, gateUp.Rows, new TileCuts(2 * inner, inner)) : default;
        QuantizedRows codes = QuantizationCases.Quantized(trial, gateUp.Rows, new TileCuts(inner));
        if (keeps)
        {
            // These are of what was there before: equal to the bit.
            trial.Compare("codes of gate and up", kept.Codes, Tolerance.Exact);
            trial.Compare("scales of gate and up", kept.Scales, Tolerance.Exact);
        }

        trial.Stream.SwiGluCodes(gateUp, trial.Rows(gateUp.Rows, inner), kept, codes, count);
        trial.Stream.DequantizeRows(codes, trial.OutputRows("activation", gateUp.Rows, inner, Tolerance.StepOfE4M3), count);
    }

    /// <summary>Scales of the saved input are powers of two: then code · scale has few enough bits to be a bfloat16, and all rows begin with the same numbers.</summary>
    private static void Backward(Trial trial, bool weighted, bool live)
    {
        int inner = QuantizationCases.LongSize(trial), rows = trial.Size();
        var cuts = new TileCuts(2 * inner, inner);
        QuantizedRows saved = QuantizationCases.Quantized(trial, rows, cuts), codes = QuantizationCases.Quantized(trial, rows, cuts);
        trial.Stream.QuantizeRows(trial.Rows(rows, 2 * inner), saved, ScaleKind.PowerOfTwo);
        Tensor count = QuantizationCases.Live(trial, rows, live);
        trial.Stream.SwiGluBackwardCodes(
            saved, trial.OutputRows("dy", rows, inner, Tolerance.Exponential), weighted ? trial.Positive(1, rows) : default,
            trial.OutputRows("dGateUp", rows, 2 * inner, Tolerance.Exponential), codes,
            weighted ? trial.Output("dWeights", 1, rows, Tolerance.Exponential + Tolerance.Product(inner)) : default, count);
        trial.Stream.DequantizeRows(codes, trial.OutputRows("codes of dGateUp", rows, 2 * inner, Tolerance.StepOfE4M3), count);
    }
}
