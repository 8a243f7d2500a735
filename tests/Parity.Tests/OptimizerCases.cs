using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class OptimizerCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["SumOfSquares"] = SumOfSquares;
        table["AdamW"] = AdamW;
        table["AdamW, of a weight"] = AdamWOfWeight;
        table["AdamW, moments in bfloat16"] = AdamWRoundedMoments;
        table["AdamW, of a weight, moments in bfloat16"] = AdamWOfWeightRoundedMoments;
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

    /// <summary>Values as with float32; a moment that lies between two codes may be rounded to either, and few do.</summary>
    private static void AdamWRoundedMoments(Trial trial)
    {
        Tensor values = trial.ContiguousFloats(trial.Size(), trial.Size());
        Tensor first = trial.BFloats(values.Rows, values.Columns);
        Tensor second = trial.PositiveBFloats(values.Rows, values.Columns);
        trial.Compare("values", values, Tolerance.FewRoundings);
        trial.Compare("firstMoment", first, Tolerance.RoundedMoment);
        trial.Compare("secondMoment", second, Tolerance.RoundedMoment);
        var step = new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1 + trial.Next(20), trial.NextFloat(0.1f, 1));
        trial.Stream.AdamW(values, trial.ContiguousFloats(values.Rows, values.Columns), first, second, step);
    }

    private static void AdamWOfWeightRoundedMoments(Trial trial)
    {
        Weight weight = trial.Masters(1, trial.Size(), trial.Size());
        Tensor values = weight.Values;
        Tensor first = trial.BFloats(values.Rows, values.Columns);
        Tensor second = trial.PositiveBFloats(values.Rows, values.Columns);
        trial.Compare("values", values, Tolerance.FewRoundings);
        var step = new AdamWStep(1e-1f, 0.9f, 0.95f, 1e-8f, 0.1f, 1 + trial.Next(20), trial.NextFloat(0.1f, 1));
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        trial.Stream.AdamW(weight, trial.ContiguousFloats(values.Rows, values.Columns), first, second, step);
        trial.Stream.Linear(x, trial.Stored(weight), trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    /// <summary>The products, of which the first has made what is derived from the values, show that it has followed them.</summary>
    private static void AdamWOfWeight(Trial trial)
    {
        Weight weight = trial.Masters(1, trial.Size(), trial.Size());
        Tensor values = weight.Values;
        Tensor first = trial.ContiguousFloats(values.Rows, values.Columns, scale: 0.1);
        Tensor second = trial.Positive(values.Rows, values.Columns);
        trial.Compare("values", values, Tolerance.FewRoundings);
        var step = new AdamWStep(1e-1f, 0.9f, 0.95f, 1e-8f, 0.1f, 1 + trial.Next(20), trial.NextFloat(0.1f, 1));
        Tensor x = trial.Rows(trial.Size(), weight.Inputs);
        trial.Stream.Linear(x, trial.Stored(weight), trial.OutputRows("before", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
        trial.Stream.AdamW(weight, trial.ContiguousFloats(values.Rows, values.Columns), first, second, step);
        trial.Stream.Linear(x, trial.Stored(weight), trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }
}
