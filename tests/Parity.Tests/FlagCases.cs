using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Rows of a rank that waits for flags, alone: several ranks have several devices, see <see cref="FlagExchanges"/>.</summary>
internal static class FlagCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table[nameof(IFlagExchangeOperations.DispatchTokens)] = trial => Dispatch(trial, trial.Rows);
        table["DispatchTokens, bfloat16"] = trial => Dispatch(trial, (rows, columns, _) => trial.BFloats(rows, columns));
        table["DispatchTokens, large"] = trial => Dispatch(trial, trial.Rows, mostTokens: 500);
        table[nameof(IFlagExchangeOperations.CombineTokens)] = trial => Combine(trial, trial.Rows);
        table["CombineTokens, bfloat16"] = trial => Combine(trial, (rows, columns, _) => trial.BFloats(rows, columns));
    }

    private static void Dispatch(Trial trial, Func<int, int, double, Tensor> make, int? mostTokens = null)
    {
        int most = mostTokens ?? trial.Size(), tokens = trial.Next(5) == 0 ? 0 : trial.Next(most + 1), experts = trial.Size(8), choices = trial.Size(experts);
        Tensor x = make(tokens, trial.Size(), 1);
        Tensor chosen = trial.Ints(tokens, choices, trial.Choices(tokens, choices, experts, trial.Next(3)));
        Tensor window = make(most, x.Columns, 1), windowExperts = trial.Indices(most, choices, 0, 9), windowWeights = trial.Floats(most, choices);
        Tensor places = trial.Indices(tokens, 1, 0, 9), tally = trial.Ints(1, 3, [trial.Next(2), 5, 7]);
        trial.Compare("window", window, Tolerance.Exact);
        trial.Compare("experts", windowExperts, Tolerance.Exact);
        trial.Compare("weights", windowWeights, Tolerance.Exact);
        trial.Compare("places", places, Tolerance.Exact);
        trial.Compare("tally", tally, Tolerance.Exact);
        trial.Stream.DispatchTokens(
            trial.Flags(most), rank: 0, ranksPerNode: 1, x, chosen, trial.Floats(tokens, choices), experts, [window], [windowExperts], [windowWeights], places, tally);
    }

    private static void Combine(Trial trial, Func<int, int, double, Tensor> make)
    {
        int most = trial.Size(), tokens = trial.Next(most + 1), columns = trial.Size();
        Tensor partials = make(most, columns, 1), y = make(tokens, columns, 1);
        trial.Compare("y", y, Tolerance.Exact);
        trial.Stream.CombineTokens(trial.Flags(most), rank: 0, ranksPerNode: 1, [partials], trial.Indices(tokens, 1, -1, most), y);
    }
}
