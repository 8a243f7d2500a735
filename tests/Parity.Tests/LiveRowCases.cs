using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Operations of which only some rows are there: what lies beyond, numbers of rows included, is anything, and stays what it was.</summary>
internal static class LiveRowCases
{
    /// <summary>A number of a row that no tensor has.</summary>
    private const int Nowhere = 1 << 30;

    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["SwiGlu, live rows"] = SwiGlu;
        table["SwiGluBackward, live rows"] = SwiGluBackward;
        table["GatherRows, live rows"] = Gather;
        table["SumRows, live rows"] = Sum;
        table["SortByExpert, live rows"] = Sort;
        table["GroupedLinear, fewer rows"] = Grouped;
        table["GroupedLinearBackwardInput, fewer rows"] = GroupedBackwardInput;
        table["GroupedLinearBackwardWeight, fewer rows"] = GroupedBackwardWeight;
    }

    private static void SwiGlu(Trial trial)
    {
        Tensor gateUp = trial.Rows(trial.Size(), 2 * trial.Size(), scale: 3);
        trial.Stream.SwiGlu(gateUp, trial.OutputRows("y", gateUp.Rows, gateUp.Columns / 2, Tolerance.Exponential), Live(trial, gateUp.Rows).Tensor);
    }

    private static void SwiGluBackward(Trial trial)
    {
        Tensor gateUp = trial.OutputRows("gateUp", trial.Size(), 2 * trial.Size(), Tolerance.Exponential);
        Tensor dy = trial.OutputRows("dy", gateUp.Rows, gateUp.Columns / 2, Tolerance.Exponential);
        trial.Stream.SwiGluBackward(
            gateUp, dy, trial.Positive(1, dy.Rows), gateUp, dy, trial.Output("dWeights", 1, dy.Rows, Tolerance.Exponential + Tolerance.Product(dy.Columns)),
            Live(trial, dy.Rows).Tensor);
    }

    private static void Gather(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        int rows = trial.Size();
        (Tensor live, int count) = Live(trial, rows);
        trial.Stream.GatherRows(x, Numbers(trial, 1, rows, count, x.Rows), trial.OutputRows("y", rows, x.Columns, Tolerance.Exact), live);
    }

    private static void Sum(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        int tokens = trial.Size(), choices = trial.Size(8);
        (Tensor live, int count) = Live(trial, tokens);
        trial.Stream.SumRows(
            x, Numbers(trial, tokens, choices, count * choices, x.Rows), trial.Floats(tokens, choices), trial.OutputRows("y", tokens, x.Columns, Tolerance.Exact), live);
    }

    private static void Sort(Trial trial)
    {
        int local = trial.Size(64), choices = trial.Size(Math.Min(8, local)), received = trial.Size();
        int[] experts = trial.Choices(received, choices, local, trial.Next(3));
        (Tensor live, int count) = Live(trial, received);
        experts.AsSpan(count * choices).Fill(Nowhere);
        int needed = experts.Length - experts.AsSpan().Count(-1) - ((received - count) * choices);
        int room = Math.Max(1, needed + trial.Next(9) - 4);
        Tensor all = trial.Output("order", 1, ExpertOrder.Elements(received, choices, local, room), ElementType.Int32);
        Tensor most = trial.Ints(1, 1, [trial.Next(20)]);
        trial.Compare("needed", most, Tolerance.Exact);
        trial.Stream.SortByExpert(trial.Ints(received, choices, experts), ExpertOrder.Cut(all, received, choices, local, room), live, most);
    }

    private static void Grouped(Trial trial)
    {
        Weight weight = trial.Weight(trial.Size(8), trial.Size(65), trial.Size(65));
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        trial.Stream.GroupedLinear(
            x, FewerRows(trial, weight.Groups, x.Rows), weight, trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    private static void GroupedBackwardInput(Trial trial)
    {
        Weight weight = trial.Weight(trial.Size(8), trial.Size(65), trial.Size(65));
        Tensor dy = trial.Rows(trial.Size(), weight.Outputs);
        trial.Stream.GroupedLinearBackwardInput(
            dy, FewerRows(trial, weight.Groups, dy.Rows), weight, trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs)));
    }

    private static void GroupedBackwardWeight(Trial trial)
    {
        int groups = trial.Size(8);
        Tensor dy = trial.Rows(trial.Size(), trial.Size(65));
        Tensor x = trial.Rows(dy.Rows, trial.Size(65));
        trial.Stream.GroupedLinearBackwardWeight(
            dy, x, FewerRows(trial, groups, x.Rows), trial.Output("dWeight", groups * dy.Columns, x.Columns, Tolerance.Product(x.Rows)), accumulate: trial.Next(2) == 0);
    }

    private static Tensor FewerRows(Trial trial, int groups, int rows) => trial.Offsets(groups, trial.Next(rows + 1));

    private static (Tensor Tensor, int Count) Live(Trial trial, int rows)
    {
        int count = trial.Next(rows + 1);
        return (trial.Ints(1, 1, [count]), count);
    }

    /// <summary>Numbers of rows, of which the first are read.</summary>
    private static Tensor Numbers(Trial trial, int rows, int columns, int read, int end)
    {
        var numbers = new int[rows * columns];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i < read ? trial.Next(end + 1) - 1 : Nowhere;
        }

        return trial.Ints(rows, columns, numbers);
    }
}
