using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class OptimizerCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["SumOfSquares"] = SumOfSquares;
        table["AdamW"] = AdamW;
    }

    private static void SumOfSquares(Trial trial)
    {
        Tensor x = trial.ContiguousFloats(trial.Size(), trial.Size());
        trial.Stream.SumOfSquares(x, trial.Output("sum", 1, 1, ElementType.Float64, Tolerance.Float64Sum));
    }

    private static void AdamW(Trial trial)
    {
        Tensor values = trial.ContiguousFloats(trial.Size(), trial.Size());
        Tensor first = trial.ContiguousFloats(values.Rows, values.Columns, scale: 0.1);
        Tensor second = trial.Positive(values.Rows, values.Columns);
        trial.Compare("values", values, Tolerance.FewRoundings);
        trial.Compare("firstMoment", first, Tolerance.FewRoundings);
        trial.Compare("secondMoment", second, Tolerance.FewRoundings);
        var step = new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1 + trial.Next(20), trial.NextFloat(0.1f, 1));
        trial.Stream.AdamW(values, trial.ContiguousFloats(values.Rows, values.Columns), first, second, step);
    }
}
