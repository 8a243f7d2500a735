using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>Rows of float32 beside those of bfloat16: a gate's logits and their gradients, and copies from one to the other.</summary>
internal static class MixedRowCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Copy, rounded"] = CopyRounded;
        table["Copy, widened"] = CopyWidened;
        table["Linear, float32 results"] = Linear;
        table["LinearBackwardInput, float32 rows"] = BackwardInput;
        table["LinearBackwardWeight, float32 rows"] = BackwardWeight;
        table["GroupedLinear, float32 results"] = Grouped;
        table["Products, all in float32"] = Float32;
    }

    private static void CopyRounded(Trial trial)
    {
        Tensor x = trial.Floats(trial.Size(), trial.Size());
        trial.Stream.Copy(x, trial.OutputRows("destination", x.Rows, x.Columns, Tolerance.Exact));
    }

    private static void CopyWidened(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        trial.Stream.Copy(x, trial.Output("destination", x.Rows, x.Columns, Tolerance.Exact));
    }

    private static void Linear(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        Tensor y = trial.Output("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs));
        trial.Stream.Linear(x, weight, y, trial.Next(2) == 0 ? default : y);
    }

    private static void BackwardInput(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor dy = trial.FloatOperand(trial.Size(), weight.Outputs);
        Tensor dx = trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs));
        trial.Stream.LinearBackwardInput(dy, weight, dx, trial.Next(2) == 0 ? default : dx);
    }

    private static void BackwardWeight(Trial trial)
    {
        Tensor dy = trial.FloatOperand(trial.Size(), trial.Size());
        Tensor x = trial.Rows(dy.Rows, trial.Size());
        trial.Stream.LinearBackwardWeight(dy, x, trial.Output("dWeight", dy.Columns, x.Columns, Tolerance.Product(x.Rows)), accumulate: trial.Next(2) == 0);
    }

    private static void Grouped(Trial trial)
    {
        Weight weight = trial.Weight(trial.Size(8), trial.Size(65), trial.Size(65));
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        trial.Stream.GroupedLinear(
            x, trial.Offsets(weight.Groups, trial.Next(x.Rows + 1)), weight, trial.Output("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    /// <summary>Nothing is rounded, the weight neither, although it has a rounded copy too, and both follow the values.</summary>
    private static void Float32(Trial trial)
    {
        Weight weight = trial.Masters(1, trial.Size(), trial.Size());
        Tensor x = trial.Floats(trial.Size(), weight.Inputs), rows = trial.Rows(trial.Size(), weight.Inputs);
        double tolerance = Tolerance.Product(weight.Inputs);
        Tensor exact = trial.Output("exact", x.Rows, weight.Outputs, tolerance), rounded = trial.OutputRows("rounded", rows.Rows, weight.Outputs, tolerance);
        for (int pass = 0; pass < 2; pass++)
        {
            trial.Stream.Linear(x, weight, exact);
            trial.Stream.Linear(rows, trial.Stored(weight), rounded);
            trial.Stream.Copy(trial.ContiguousFloats(weight.Outputs, weight.Inputs), weight.Values);
            trial.Stream.Prepare(weight);
        }
    }
}
