using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>
/// Products of what was quantized. The order of sums is prescribed, so they are equal to the bit; large ones may be computed by tensor cores, whose sums within a tile
/// keep fewer bits.
/// </summary>
internal static class QuantizedLinearCases
{
    /// <summary>Rows of cases that tensor cores take, of up to four groups.</summary>
    private const int LargeRows = 300, LargestGroups = 4;

    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table[nameof(IQuantizedOperations.QuantizedLinear)] = trial => Forward(trial, grouped: false);
        table["QuantizedLinear, addend"] = trial => Forward(trial, grouped: false, addend: true);
        table["QuantizedLinear, grouped"] = trial => Forward(trial, grouped: true);
        table["QuantizedLinear, large"] = trial => Forward(trial, grouped: true, large: true);
        table[nameof(IQuantizedOperations.QuantizedLinearBackwardInput)] = trial => BackwardInput(trial, grouped: false);
        table["QuantizedLinearBackwardInput, addend in place"] = trial => BackwardInput(trial, grouped: false, inPlace: true);
        table["QuantizedLinearBackwardInput, grouped"] = trial => BackwardInput(trial, grouped: true);
        table["QuantizedLinearBackwardInput, large"] = trial => BackwardInput(trial, grouped: true, large: true);
        table[nameof(IQuantizedOperations.QuantizedLinearBackwardWeight)] = trial => BackwardWeight(trial, grouped: false, accumulate: true);
        table["QuantizedLinearBackwardWeight, overwritten"] = trial => BackwardWeight(trial, grouped: false, accumulate: false);
        table["QuantizedLinearBackwardWeight, grouped"] = trial => BackwardWeight(trial, grouped: true, accumulate: true);
        table["QuantizedLinearBackwardWeight, grouped, overwritten"] = trial => BackwardWeight(trial, grouped: true, accumulate: false);
        table["QuantizedLinearBackwardWeight, large"] = trial => BackwardWeight(trial, grouped: true, accumulate: true, large: true);
    }

    /// <summary>Matrices whose transposed codes, if any, are theirs.</summary>
    private static QuantizedBlocks Blocks(Trial trial, bool grouped)
    {
        int groups = grouped ? trial.Size(LargestGroups) : 1;
        TileCuts outputs = QuantizationCases.Cuts(trial, QuantizationCases.LongSize(trial)), inputs = new(QuantizationCases.LongSize(trial));
        QuantizedBlocks blocks = QuantizationCases.Blocks(trial, groups, outputs, inputs, transposes: trial.Next(3) > 0);
        trial.Stream.QuantizeBlocks(trial.Rows(blocks.Codes.Rows, blocks.Codes.Columns), blocks, QuantizationCases.Kind(trial));
        return blocks;
    }

    private static void Forward(Trial trial, bool grouped, bool addend = false, bool large = false)
    {
        QuantizedBlocks weight = Blocks(trial, grouped);
        QuantizedRows x = QuantizationCases.Quantized(trial, large ? LargeRows : trial.Size(17), weight.ColumnCuts);
        Tensor y = trial.OutputRows("y", x.Codes.Rows, weight.Outputs, large ? Tolerance.TensorCoresOfE4M3 : Tolerance.Exact);
        trial.Stream.QuantizedLinear(
            x, weight, y, QuantizationCases.Offsets(trial, weight.Groups, y.Rows, grouped), addend ? trial.Rows(y.Rows, y.Columns) : default);
    }

    private static void BackwardInput(Trial trial, bool grouped, bool inPlace = false, bool large = false)
    {
        QuantizedBlocks weight = Blocks(trial, grouped);
        QuantizedRows dy = QuantizationCases.Quantized(trial, large ? LargeRows : trial.Size(17), weight.RowCuts);
        Tensor dx = trial.OutputRows("dx", dy.Codes.Rows, weight.Inputs, large ? Tolerance.TensorCoresOfE4M3 : Tolerance.Exact);
        trial.Stream.QuantizedLinearBackwardInput(dy, weight, dx, QuantizationCases.Offsets(trial, weight.Groups, dx.Rows, grouped), inPlace ? dx : default);
    }

    private static void BackwardWeight(Trial trial, bool grouped, bool accumulate, bool large = false)
    {
        int groups = grouped ? trial.Size(LargestGroups) : 1, rows = QuantizationCases.LongSize(trial);
        int outputs = large ? 130 : trial.Size(65), inputs = large ? 200 : trial.Size(65);
        Tensor offsets = QuantizationCases.Offsets(trial, groups, rows, grouped);
        QuantizedTokens dy = Tokens(trial, rows, groups, outputs, offsets), x = Tokens(trial, rows, groups, inputs, offsets);
        Tensor dWeight = trial.Output("dWeight", groups * outputs, inputs, large ? Tolerance.TensorCoresOfE4M3 : Tolerance.Exact);
        trial.Stream.QuantizedLinearBackwardWeight(dy, x, dWeight, accumulate, offsets);
    }

    private static QuantizedTokens Tokens(Trial trial, int rows, int groups, int columns, Tensor offsets)
    {
        QuantizedTokens tokens = QuantizationCases.Tokens(trial, rows, groups, columns);
        trial.Stream.QuantizeTokens(trial.Rows(rows, columns), tokens, QuantizationCases.Kind(trial), offsets);
        return tokens;
    }
}
