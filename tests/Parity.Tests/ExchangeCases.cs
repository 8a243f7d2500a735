using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>Rows between ranks: groups of several ranks and nodes, tokens that go nowhere, windows that are too small.</summary>
internal static class ExchangeCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["CountDestinations"] = trial => Group.Of(trial, compares: true);
        table["CountDestinations, large"] = trial => Group.Of(trial, compares: true, tokens: 2500);
        table["PlaceRows"] = Place;
        table["PushRows"] = trial => Push(trial, trial.Rows);
        table["PushRows, bfloat16"] = trial => Push(trial, (rows, columns, _) => trial.BFloats(rows, columns));
        table["PushChoices"] = PushChoices;
        table["CollectSums"] = trial => Collect(trial, trial.Rows);
        table["CollectSums, bfloat16"] = trial => Collect(trial, (rows, columns, _) => trial.BFloats(rows, columns));
        table["CollectWeightGradients"] = CollectWeightGradients;
        table["SumTensors"] = trial => SumTensors(trial, trial.Size(), trial.Size());
        table["SumTensors, large"] = trial => SumTensors(trial, 300, 1_024);
    }

    /// <summary>Every second time into one of the parts.</summary>
    private static void SumTensors(Trial trial, int rows, int columns)
    {
        Tensor[] parts = [.. Enumerable.Range(0, 1 + trial.Next(9)).Select(_ => trial.ContiguousFloats(rows, columns))];
        Tensor sum = trial.Next(2) == 0 ? parts[trial.Next(parts.Length)] : trial.ContiguousFloats(rows, columns);
        trial.Compare("sum", sum, Tolerance.Exact);
        trial.Stream.SumTensors(parts, sum);
    }

    private static void Place(Trial trial)
    {
        Group group = Group.Of(trial, compares: false);
        int rank = trial.Next(group.Ranks);
        Tensor counts = trial.Indices(group.Ranks, group.Ranks, 0, 40);
        trial.Stream.Copy(group.Counts, counts.RowRange(rank, 1));
        Tensor tally = trial.Ints(1, 5, [trial.Next(100), trial.Next(3), 5, 7, 9]);
        trial.Compare("places", group.Places, Tolerance.Exact);
        trial.Compare("tally", tally, Tolerance.Exact);
        trial.Stream.PlaceRows(
            counts, rank, group.RanksPerNode, trial.Next(200), group.Places, trial.Output("received", 1, 1, ElementType.Int32), tally);
    }

    private static void Push(Trial trial, Func<int, int, double, Tensor> make)
    {
        Group group = Group.Of(trial, compares: false);
        Tensor x = make(group.Tokens, trial.Size(), 1);
        Tensor[] windows = group.Windows("window", () => make(group.Tokens + 2, x.Columns, 1));
        trial.Stream.PushRows(x, group.Places, windows);
    }

    private static void PushChoices(Trial trial)
    {
        Group group = Group.Of(trial, compares: false);
        Tensor weights = trial.Floats(group.Tokens, group.Experts.Columns);
        Tensor[] experts = group.Windows("experts", () => trial.Indices(group.Tokens + 2, weights.Columns, -1, 9));
        Tensor[] factors = group.Windows("weights", () => trial.Floats(group.Tokens + 2, weights.Columns));
        trial.Stream.PushChoices(group.Experts, weights, group.ExpertsPerRank, group.Places, experts, factors);
    }

    private static void Collect(Trial trial, Func<int, int, double, Tensor> make)
    {
        Group group = Group.Of(trial, compares: false);
        int columns = trial.Size();
        Tensor[] windows = [.. Enumerable.Range(0, group.Ranks).Select(_ => make(group.Tokens + 1, columns, 1))];
        Tensor y = make(group.Tokens, columns, 1);
        trial.Compare("y", y, Tolerance.Exact);
        trial.Stream.CollectSums(windows, group.Places, group.RanksPerNode, y);
    }

    private static void CollectWeightGradients(Trial trial)
    {
        Group group = Group.Of(trial, compares: false);
        int choices = group.Experts.Columns;
        Tensor[] windows = [.. Enumerable.Range(0, group.Ranks).Select(_ => trial.Floats(group.Tokens + 1, choices))];
        trial.Stream.CollectWeightGradients(
            windows, group.Experts, group.ExpertsPerRank, group.Places, trial.Output("dWeights", group.Tokens, choices, Tolerance.Exact));
    }

    /// <summary>A rank's tokens and where they go.</summary>
    private sealed class Group
    {
        private readonly Trial _trial;

        private Group(Trial trial, int? tokens)
        {
            _trial = trial;
            RanksPerNode = 1 + trial.Next(3);
            Ranks = RanksPerNode * (1 + trial.Next(4));
            ExpertsPerRank = trial.Size(8);
            int experts = Ranks * ExpertsPerRank, choices = trial.Size(Math.Min(8, experts));
            Tokens = tokens ?? (trial.Next(8) == 0 ? 0 : trial.Size());
            Experts = trial.Ints(Tokens, choices, trial.Choices(Tokens, choices, experts, trial.Next(3)));
            Places = trial.Ints(Tokens, Ranks, new int[Tokens * Ranks]);
            Counts = trial.Ints(1, Ranks, new int[Ranks]);
        }

        public int Ranks { get; }

        public int RanksPerNode { get; }

        public int ExpertsPerRank { get; }

        public int Tokens { get; }

        public Tensor Experts { get; }

        public Tensor Places { get; }

        public Tensor Counts { get; }

        public static Group Of(Trial trial, bool compares, int? tokens = null)
        {
            var group = new Group(trial, tokens);
            trial.Stream.CountDestinations(group.Experts, group.ExpertsPerRank, group.Places, group.Counts);
            if (compares)
            {
                trial.Compare("places", group.Places, Tolerance.Exact);
                trial.Compare("counts", group.Counts, Tolerance.Exact);
            }

            return group;
        }

        /// <summary>A window for each rank, compared.</summary>
        public Tensor[] Windows(string name, Func<Tensor> make) => [.. Enumerable.Range(0, Ranks).Select(rank =>
        {
            Tensor window = make();
            _trial.Compare($"{name} {rank}", window, Tolerance.Exact);
            return window;
        })];
    }
}
