using Actors.Tensors;

namespace Actors.Parity.Tests;

internal static class LinearCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Linear"] = Linear;
        table["Linear, addend"] = LinearAddend;
        table["Linear, addend in place"] = LinearInPlace;
        table["LinearBackwardInput"] = BackwardInput;
        table["LinearBackwardInput, addend in place"] = BackwardInputInPlace;
        table["LinearBackwardWeight"] = trial => BackwardWeight(trial, accumulate: true);
        table["LinearBackwardWeight, overwritten"] = trial => BackwardWeight(trial, accumulate: false);
        table["GroupedLinear"] = Grouped;
        table["GroupedLinearBackwardInput"] = GroupedBackwardInput;
        table["GroupedLinearBackwardWeight"] = trial => GroupedBackwardWeight(trial, accumulate: true);
        table["GroupedLinearBackwardWeight, overwritten"] = trial => GroupedBackwardWeight(trial, accumulate: false);
    }

    private static void Linear(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        trial.Stream.Linear(x, weight, trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    private static void LinearAddend(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        Tensor addend = trial.Rows(x.Rows, weight.Outputs);
        trial.Stream.Linear(x, weight, trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)), addend);
    }

    private static void LinearInPlace(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        Tensor y = trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs));
        trial.Stream.Linear(x, weight, y, addend: y);
    }

    private static void BackwardInput(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor dy = trial.Rows(trial.Size(), weight.Outputs);
        trial.Stream.LinearBackwardInput(
            dy, weight, trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs)));
    }

    private static void BackwardInputInPlace(Trial trial)
    {
        Weight weight = trial.Weight(1, trial.Size(), trial.Size());
        Tensor dy = trial.Rows(trial.Size(), weight.Outputs);
        Tensor dx = trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs));
        trial.Stream.LinearBackwardInput(dy, weight, dx, addend: dx);
    }

    private static void BackwardWeight(Trial trial, bool accumulate)
    {
        Tensor dy = trial.Rows(trial.Size(), trial.Size());
        Tensor x = trial.Rows(dy.Rows, trial.Size());
        trial.Stream.LinearBackwardWeight(dy, x, trial.Output("dWeight", dy.Columns, x.Columns, Tolerance.Product(x.Rows)), accumulate);
    }

    private static void Grouped(Trial trial)
    {
        Weight weight = trial.Weight(trial.Size(8), trial.Size(65), trial.Size(65));
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        Tensor offsets = trial.Offsets(weight.Groups, x.Rows);
        trial.Stream.GroupedLinear(
            x, offsets, weight, trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    private static void GroupedBackwardInput(Trial trial)
    {
        Weight weight = trial.Weight(trial.Size(8), trial.Size(65), trial.Size(65));
        Tensor dy = trial.Rows(trial.Size(), weight.Outputs);
        Tensor offsets = trial.Offsets(weight.Groups, dy.Rows);
        trial.Stream.GroupedLinearBackwardInput(
            dy, offsets, weight, trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs)));
    }

    private static void GroupedBackwardWeight(Trial trial, bool accumulate)
    {
        int groups = trial.Size(8);
        Tensor dy = trial.Rows(trial.Size(), trial.Size(65));
        Tensor x = trial.Rows(dy.Rows, trial.Size(65));
        Tensor offsets = trial.Offsets(groups, x.Rows);
        trial.Stream.GroupedLinearBackwardWeight(
            dy, x, offsets, trial.Output("dWeight", groups * dy.Columns, x.Columns, Tolerance.Product(x.Rows)), accumulate);
    }
}
