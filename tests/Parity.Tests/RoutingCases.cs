using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class RoutingCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["ChooseExperts"] = Choose;
        table["ChooseExperts, in place"] = ChooseInPlace;
        table["ChooseExpertsBackward"] = Backward;
        table["SortByExpert"] = Sort;
        table["CountExperts"] = Count;
        table["GatherRows"] = Gather;
        table["GatherRows, bfloat16"] = GatherBFloat16;
        table["PutRows"] = trial => Put(trial, ElementType.Float32);
        table["PutRows, bfloat16"] = trial => Put(trial, ElementType.BFloat16);
        table["SumRows"] = trial => Sum(trial, weighted: false);
        table["SumRows, weighted"] = trial => Sum(trial, weighted: true);
        table["SumRows, bfloat16"] = trial => SumBFloat16(trial, weighted: false);
        table["SumRows, bfloat16, weighted"] = trial => SumBFloat16(trial, weighted: true);
    }

    private static (GateShape Shape, int Experts) Shape(Trial trial)
    {
        int groups = trial.Size(8);
        int kept = 1 + trial.Next(groups);
        int groupSize = trial.Size(33);
        int chosen = 1 + trial.Next(Math.Min(8, kept * groupSize));
        return (new GateShape(groups, kept, chosen, trial.Next(2) == 0, 2.5f), groups * groupSize);
    }

    private static void Choose(Trial trial)
    {
        (GateShape shape, int experts) = Shape(trial);
        Tensor logits = trial.Floats(trial.Size(), experts);
        trial.Stream.ChooseExperts(
            logits, trial.Floats(1, experts, scale: 0.1), shape,
            trial.Output("scores", logits.Rows, experts, Tolerance.Exponential),
            trial.Output("experts", logits.Rows, shape.ExpertsKept, ElementType.Int32),
            trial.Output("weights", logits.Rows, shape.ExpertsKept, Tolerance.Exponential));
    }

    private static void ChooseInPlace(Trial trial)
    {
        (GateShape shape, int experts) = Shape(trial);
        Tensor logits = trial.Output("logits", trial.Size(), experts, Tolerance.Exponential);
        trial.Stream.ChooseExperts(
            logits, trial.Floats(1, experts, scale: 0.1), shape, logits,
            trial.Output("experts", logits.Rows, shape.ExpertsKept, ElementType.Int32),
            trial.Output("weights", logits.Rows, shape.ExpertsKept, Tolerance.Exponential));
    }

    private static void Backward(Trial trial)
    {
        (GateShape shape, int experts) = Shape(trial);
        Tensor logits = trial.Floats(trial.Size(), experts);
        Tensor scores = trial.Floats(logits.Rows, experts);
        Tensor chosen = trial.Output("experts", logits.Rows, shape.ExpertsKept, ElementType.Int32);
        trial.Stream.ChooseExperts(
            logits, trial.Floats(1, experts, scale: 0.1), shape, scores, chosen, trial.Floats(logits.Rows, shape.ExpertsKept));

        // One normalized choice always weighs 1: its gradient is 0 and only rounding is left, so the norm counts as 1 or more.
        trial.Stream.ChooseExpertsBackward(
            trial.Floats(logits.Rows, shape.ExpertsKept), chosen, scores, shape,
            trial.Output("dLogits", logits.Rows, experts, Tolerance.Exponential, floor: 1));
    }

    private static void Sort(Trial trial)
    {
        int local = trial.Size(64), choices = trial.Size(Math.Min(8, local)), received = trial.Next(8) == 0 ? 0 : trial.Size();
        int[] experts = trial.Choices(received, choices, local, trial.Next(3));
        int room = experts.Length - experts.AsSpan().Count(-1) + trial.Next(3);
        Tensor all = trial.Output("order", 1, ExpertOrder.Elements(received, choices, local, room), ElementType.Int32);
        trial.Stream.SortByExpert(trial.Ints(received, choices, experts), ExpertOrder.Cut(all, received, choices, local, room));
    }

    private static void Count(Trial trial)
    {
        int local = trial.Size(64), choices = trial.Size(Math.Min(8, local)), tokens = trial.Size();
        Tensor counts = trial.Output("counts", 1, local, ElementType.Int32);
        trial.Stream.Zero(counts);
        trial.Stream.CountExperts(trial.Ints(tokens, choices, trial.Choices(tokens, choices, local, trial.Next(3))), counts);
        trial.Stream.CountExperts(trial.Ints(tokens, choices, trial.Choices(tokens, choices, local, 0)), counts);
    }

    private static void Gather(Trial trial)
    {
        Tensor x = trial.Floats(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(1, trial.Size(), -1, x.Rows);
        trial.Stream.GatherRows(x, rows, trial.Output("y", rows.Columns, x.Columns, Tolerance.Exact));
    }

    private static void GatherBFloat16(Trial trial)
    {
        Tensor x = trial.BFloats(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(1, trial.Size(), -1, x.Rows);
        trial.Stream.GatherRows(x, rows, trial.Output("y", rows.Columns, x.Columns, ElementType.BFloat16));
    }

    private static void Put(Trial trial, ElementType type)
    {
        int rows = trial.Size(), places = rows + trial.Size(), columns = trial.Size();
        Tensor x = type == ElementType.BFloat16 ? trial.BFloats(rows, columns) : trial.Floats(rows, columns);
        int[] to = trial.Choices(1, rows, places, kind: 0);
        Tensor y = trial.Output("y", places, columns, type);
        trial.Stream.Zero(y);
        trial.Stream.PutRows(x, trial.Ints(1, rows, to), y);
    }

    private static void Sum(Trial trial, bool weighted)
    {
        Tensor x = trial.Floats(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(trial.Size(), trial.Size(8), -1, x.Rows);
        Tensor weights = weighted ? trial.Floats(rows.Rows, rows.Columns) : default;
        trial.Stream.SumRows(x, rows, weights, trial.Output("y", rows.Rows, x.Columns, Tolerance.Exact));
    }

    private static void SumBFloat16(Trial trial, bool weighted)
    {
        Tensor x = trial.BFloats(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(trial.Size(), trial.Size(8), -1, x.Rows);
        Tensor weights = weighted ? trial.Floats(rows.Rows, rows.Columns) : default;
        trial.Stream.SumRows(x, rows, weights, trial.Output("y", rows.Rows, x.Columns, ElementType.BFloat16));
    }
}
