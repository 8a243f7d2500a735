using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Sizes past the blocks into which backends cut products, attention and sums.</summary>
internal static class LargeCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Linear" + OperationTable.LargeSuffix] = Linear;
        table["LinearBackwardInput" + OperationTable.LargeSuffix] = BackwardInput;
        table["LinearBackwardWeight" + OperationTable.LargeSuffix] = BackwardWeight;
        table["Attention" + OperationTable.LargeSuffix] = Attention;
        table["LatentAttention" + OperationTable.LargeSuffix] = LatentAttention;
        table["RmsNorm" + OperationTable.LargeSuffix] = RmsNorm;
        table["CrossEntropy" + OperationTable.LargeSuffix] = CrossEntropy;
        table["AdamW" + OperationTable.LargeSuffix] = AdamW;
    }

    private static int Around(Trial trial, int size) => size - 2 + trial.Next(5);

    private static void Linear(Trial trial)
    {
        Weight weight = trial.Weight(1, Around(trial, 384), Around(trial, 1024));
        Tensor x = trial.Rows(Around(trial, 64), weight.Inputs);
        trial.Stream.Linear(x, weight, trial.OutputRows("y", x.Rows, weight.Outputs, Tolerance.Product(weight.Inputs)));
    }

    private static void BackwardInput(Trial trial)
    {
        Weight weight = trial.Weight(1, Around(trial, 1024), Around(trial, 384));
        Tensor dy = trial.Rows(Around(trial, 64), weight.Outputs);
        trial.Stream.LinearBackwardInput(
            dy, weight, trial.OutputRows("dx", dy.Rows, weight.Inputs, Tolerance.Product(weight.Outputs)));
    }

    private static void BackwardWeight(Trial trial)
    {
        Tensor dy = trial.Rows(Around(trial, 1024), Around(trial, 192));
        Tensor x = trial.Rows(dy.Rows, Around(trial, 128));
        trial.Stream.LinearBackwardWeight(dy, x, trial.Output("dWeight", dy.Columns, x.Columns, Tolerance.Product(x.Rows)));
    }

    private static void Attention(Trial trial)
    {
        var shape = new AttentionShape(Heads: 2, NopeColumns: 32, RopeColumns: 16, ValueColumns: 32, Scale: 0.15f);
        int rows = Around(trial, 512);
        Tensor q = trial.Rows(rows, shape.Heads * shape.QueryColumns);
        Tensor kv = trial.Rows(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = trial.Rows(rows, shape.RopeColumns);
        Tensor sequences = trial.Offsets(2, rows);
        Tensor o = trial.OutputRows("o", rows, shape.Heads * shape.ValueColumns, Tolerance.Attention);
        Tensor logSumExp = trial.Output("logSumExp", rows, shape.Heads, Tolerance.Exponential);
        trial.Stream.Attention(q, kv, kRope, sequences, shape, o, logSumExp);
        trial.Stream.AttentionBackward(
            trial.Rows(rows, o.Columns), q, kv, kRope, trial.Stored(o), logSumExp, sequences, shape,
            trial.OutputRows("dq", rows, q.Columns, Tolerance.Attention),
            trial.OutputRows("dkv", rows, kv.Columns, Tolerance.Attention),
            trial.OutputRows("dkRope", rows, kRope.Columns, Tolerance.Attention));
    }

    private static void LatentAttention(Trial trial)
    {
        var shape = new AttentionShape(Heads: 2, NopeColumns: 32, RopeColumns: 16, ValueColumns: 32, Scale: 0.15f);
        int rows = Around(trial, 1024);
        Tensor cache = trial.Rows(rows, 128 + shape.RopeColumns);
        trial.Stream.LatentAttention(
            trial.Rows(2, shape.Heads * shape.QueryColumns, scale: 0.3),
            trial.Weight(1, shape.Heads * shape.KeyValueColumns, 128), cache, trial.Ints(1, 2, [0, 3]),
            trial.Ints(1, 2, [rows, rows - 3]), shape,
            trial.OutputRows("o", 2, shape.Heads * shape.ValueColumns, Tolerance.Attention));
    }

    private static void RmsNorm(Trial trial)
    {
        Tensor x = trial.Rows(Around(trial, 8), Around(trial, 7168));
        trial.Stream.RmsNorm(
            x, trial.Floats(1, x.Columns), 1e-6f, trial.OutputRows("y", x.Rows, x.Columns, Tolerance.FewRoundings),
            trial.Output("rstd", 1, x.Rows, Tolerance.FewRoundings));
    }

    private static void CrossEntropy(Trial trial)
    {
        Tensor logits = trial.Rows(Around(trial, 4), Around(trial, 20000));
        Tensor targets = trial.Indices(1, logits.Rows, 0, logits.Columns);
        trial.Stream.CrossEntropy(
            logits, targets, 1, trial.Output("losses", 1, logits.Rows, Tolerance.Exponential),
            trial.OutputRows("dLogits", logits.Rows, logits.Columns, Tolerance.Exponential));
    }

    private static void AdamW(Trial trial)
    {
        int columns = Around(trial, 70000);
        Tensor values = trial.ContiguousFloats(1, columns);
        Tensor first = trial.ContiguousFloats(1, columns, scale: 0.1);
        Tensor second = trial.Positive(1, columns);
        trial.Compare("values", values, Tolerance.FewRoundings);
        trial.Compare("firstMoment", first, Tolerance.FewRoundings);
        trial.Compare("secondMoment", second, Tolerance.FewRoundings);
        trial.Stream.AdamW(
            values, trial.ContiguousFloats(1, columns), first, second, new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3, 0.7f));
    }
}
