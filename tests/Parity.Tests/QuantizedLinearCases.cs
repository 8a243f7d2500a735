using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>Products of what was quantized: their order of sums is prescribed, so they are equal to the bit.</summary>
internal static class QuantizedLinearCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table[nameof(IQuantizedOperations.QuantizedLinear)] = trial => Forward(trial, grouped: false);
        table["QuantizedLinear, addend"] = trial => Forward(trial, grouped: false, addend: true);
        table["QuantizedLinear, grouped"] = trial => Forward(trial, grouped: true);
        table[nameof(IQuantizedOperations.QuantizedLinearBackwardInput)] = trial => BackwardInput(trial, grouped: false);
        table["QuantizedLinearBackwardInput, addend in place"] = trial => BackwardInput(trial, grouped: false, inPlace: true);
        table["QuantizedLinearBackwardInput, grouped"] = trial => BackwardInput(trial, grouped: true);
        table[nameof(IQuantizedOperations.QuantizedLinearBackwardWeight)] = trial => BackwardWeight(trial, grouped: false, accumulate: true);
        table["QuantizedLinearBackwardWeight, overwritten"] = trial => BackwardWeight(trial, grouped: false, accumulate: false);
        table["QuantizedLinearBackwardWeight, grouped"] = trial => BackwardWeight(trial, grouped: true, accumulate: true);
        table["QuantizedLinearBackwardWeight, grouped, overwritten"] = trial => BackwardWeight(trial, grouped: true, accumulate: false);
        table["QuantizedLinear, large"] = trial => Forward(trial, grouped: true, rows: 300);
        table["QuantizedLinearBackwardInput, large"] = trial => BackwardInput(trial, grouped: true, rows: 300);
        table["QuantizedLinearBackwardWeight, large"] = trial => BackwardWeight(trial, grouped: true, accumulate: true, rows: 700);
    }

    private static QuantizedBlocks Blocks(Trial trial, int groups)
    {
        TileCuts outputs = QuantizationCases.Cuts(trial, QuantizationCases.LongSize(trial)), inputs = new(QuantizationCases.LongSize(trial));
        return new QuantizedBlocks(trial.Codes(groups * outputs.Length, inputs.Length), trial.Floats(groups * outputs.Count, inputs.Count), groups, outputs);
    }

    private static Tensor Offsets(Trial trial, int groups, int rows, bool grouped) => grouped ? trial.Offsets(groups, trial.Next(rows + 1)) : default;

    private static void Forward(Trial trial, bool grouped, bool addend = false, int? rows = null)
    {
        QuantizedBlocks weight = Blocks(trial, grouped ? trial.Size(5) : 1);
        QuantizedRows x = QuantizationCases.Quantized(trial, rows ?? trial.Size(33), weight.ColumnCuts);
        Tensor y = trial.OutputRows("y", x.Codes.Rows, weight.Outputs, Tolerance.Exact);
        trial.Stream.QuantizedLinear(x, weight, y, Offsets(trial, weight.Groups, y.Rows, grouped), addend ? trial.Rows(y.Rows, y.Columns) : default);
    }

    private static void BackwardInput(Trial trial, bool grouped, bool inPlace = false, int? rows = null)
    {
        QuantizedBlocks weight = Blocks(trial, grouped ? trial.Size(5) : 1);
        QuantizedRows dy = QuantizationCases.Quantized(trial, rows ?? trial.Size(33), weight.RowCuts);
        Tensor dx = trial.OutputRows("dx", dy.Codes.Rows, weight.Inputs, Tolerance.Exact);
        trial.Stream.QuantizedLinearBackwardInput(dy, weight, dx, Offsets(trial, weight.Groups, dx.Rows, grouped), inPlace ? dx : default);
    }

    private static void BackwardWeight(Trial trial, bool grouped, bool accumulate, int? rows = null)
    {
        int groups = grouped ? trial.Size(5) : 1, count = rows ?? QuantizationCases.LongSize(trial);
        QuantizedTokens dy = QuantizationCases.Tokens(trial, count, groups, trial.Size()), x = QuantizationCases.Tokens(trial, count, groups, trial.Size());
        Tensor dWeight = trial.Output("dWeight", groups * dy.Columns, x.Columns, Tolerance.Exact);
        trial.Stream.QuantizedLinearBackwardWeight(dy, x, dWeight, accumulate, Offsets(trial, groups, count, grouped));
    }
}
