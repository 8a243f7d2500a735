using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class RoutingCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["ChooseExperts"] = Choose;
        table["ChooseExperts, in place"] = ChooseInPlace;
        table["ChooseExperts, half of the groups kept"] = ChooseOfHalf;
        table["ChooseExperts, ties" + OperationTable.LargeSuffix] = ChooseAmongTies;
        table["ChooseExpertsBackward"] = trial => Backward(trial, drops: false);
        table["ChooseExpertsBackward, dropped"] = trial => Backward(trial, drops: true);
        table["DropChoices"] = Drop;
        table["SortByExpert"] = Sort;
        table["CountExperts"] = Count;
        table["GatherRows"] = Gather;
        table["GatherRows, bfloat16"] = GatherBFloat16;
        table["GatherRows" + OperationTable.LargeSuffix] = GatherLarge;
        table["PutRows"] = trial => Put(trial, ElementType.Float32);
        table["PutRows, bfloat16"] = trial => Put(trial, ElementType.BFloat16);
        table["SumRows"] = trial => Sum(trial, weighted: false);
        table["SumRows, weighted"] = trial => Sum(trial, weighted: true);
        table["SumRows, bfloat16"] = trial => SumBFloat16(trial, weighted: false);
        table["SumRows, bfloat16, weighted"] = trial => SumBFloat16(trial, weighted: true);
    }

    public static (GateShape Shape, int Experts) Shape(Trial trial)
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
        Choose(trial, shape, trial.Floats(trial.Size(), experts), trial.Floats(1, experts, scale: 0.1));
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

    /// <summary>Numbers of experts of which lanes of a warp share those of the kept groups.</summary>
    private static void ChooseOfHalf(Trial trial)
    {
        (int groups, int size)[] shapes = [(8, 32), (5, 32), (2, 128), (15, 16), (16, 32), (8, 64)];
        (int groups, int size) = shapes[trial.Next(shapes.Length)];
        int kept = 1 + trial.Next(groups / 2);
        var shape = new GateShape(groups, kept, 1 + trial.Next(Math.Min(32, kept * size)), trial.Next(2) == 0, 2.5f);
        Choose(trial, shape, trial.Floats(trial.Size(), groups * size), trial.Floats(1, groups * size, scale: 0.1));
    }

    /// <summary>More tokens than a GPU has warps at once, and many equal scores, of which the lowest expert's counts: the published model's gate.</summary>
    private static void ChooseAmongTies(Trial trial)
    {
        var shape = new GateShape(8, 4, 8, Normalize: true, 2.5f);
        Choose(trial, shape, trial.Steps(12_000, 256, -24, 25, 0.125f), trial.Steps(1, 256, -1, 2, 0.25f));
    }

    private static void Choose(Trial trial, GateShape shape, Tensor logits, Tensor bias) =>
        trial.Stream.ChooseExperts(
            logits, bias, shape, trial.Output("scores", logits.Rows, logits.Columns, Tolerance.Exponential),
            trial.Output("experts", logits.Rows, shape.ExpertsKept, ElementType.Int32),
            trial.Output("weights", logits.Rows, shape.ExpertsKept, Tolerance.Exponential));

    private static void Drop(Trial trial)
    {
        int tokens = trial.Size(), choices = trial.Size(8), experts = choices + trial.Size(64);
        Tensor chosen = trial.Output("experts", tokens, choices, ElementType.Int32);
        Tensor weights = trial.Output("weights", tokens, choices, Tolerance.Exact);
        trial.Stream.Copy(trial.Ints(tokens, choices, trial.Choices(tokens, choices, experts, 0)), chosen);
        trial.Stream.Copy(trial.Floats(tokens, choices), weights);
        trial.Stream.DropChoices(trial.Indices(1, tokens, -1, 3), chosen, weights);
    }

    private static void Backward(Trial trial, bool drops)
    {
        (GateShape shape, int experts) = Shape(trial);
        Tensor logits = trial.Floats(trial.Size(), experts);
        Tensor scores = trial.Floats(logits.Rows, experts);
        Tensor chosen = trial.Output("experts", logits.Rows, shape.ExpertsKept, ElementType.Int32);
        trial.Stream.ChooseExperts(
            logits, trial.Floats(1, experts, scale: 0.1), shape, scores, chosen, trial.Floats(logits.Rows, shape.ExpertsKept));
        if (drops)
        {
            trial.Stream.DropChoices(trial.Indices(1, logits.Rows, -1, 2), chosen, trial.Floats(logits.Rows, shape.ExpertsKept));
        }

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
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(1, trial.Size(), -1, x.Rows);
        trial.Stream.GatherRows(x, rows, trial.OutputRows("y", rows.Columns, x.Columns, Tolerance.Exact));
    }

    /// <summary>Rows that are taken several times, more of them than a GPU keeps in its cache at once.</summary>
    private static void GatherLarge(Trial trial)
    {
        Tensor x = trial.Floats(1100 + trial.Next(9), 2100 + trial.Next(9));
        Tensor rows = trial.Indices(1, 2500, -1, x.Rows);
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
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(trial.Size(), trial.Size(24), -1, x.Rows);
        Tensor weights = weighted ? trial.Floats(rows.Rows, rows.Columns) : default;
        trial.Stream.SumRows(x, rows, weights, trial.OutputRows("y", rows.Rows, x.Columns, Tolerance.Exact));
    }

    private static void SumBFloat16(Trial trial, bool weighted)
    {
        Tensor x = trial.BFloats(trial.Size(), trial.Size());
        Tensor rows = trial.Indices(trial.Size(), trial.Size(24), -1, x.Rows);
        Tensor weights = weighted ? trial.Floats(rows.Rows, rows.Columns) : default;
        trial.Stream.SumRows(x, rows, weights, trial.Output("y", rows.Rows, x.Columns, ElementType.BFloat16));
    }
}
