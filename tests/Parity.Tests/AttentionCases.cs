using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class AttentionCases
{
    /// <summary>More than a warp looks at in one go.</summary>
    public const int MostDocuments = 70;

    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Rope"] = trial => Rope(trial, inverse: false);
        table["Rope, inverse"] = trial => Rope(trial, inverse: true);
        table["Attention"] = trial => Forward(trial, mostSequences: 4);
        table["AttentionBackward"] = trial => Backward(trial, mostSequences: 4);
        table["Attention, documents"] = trial => Forward(trial, MostDocuments);
        table["AttentionBackward, documents"] = trial => Backward(trial, MostDocuments);
        table["LatentAttention"] = Latent;
    }

    private static void Rope(Trial trial, bool inverse)
    {
        int heads = trial.Size(5);
        Tensor cos = trial.Floats(trial.Size(), trial.Size(33));
        Tensor sin = trial.Floats(cos.Rows, cos.Columns);
        int plain = trial.Next(2) * trial.Size(33);
        Tensor x = trial.OutputRows("x", trial.Size(), heads * (plain + 2 * cos.Columns), Tolerance.FewRoundings);
        trial.Stream.Rope(x, heads, trial.Indices(1, x.Rows, 0, cos.Rows), cos, sin, inverse);
    }

    private static AttentionShape Shape(Trial trial)
    {
        int nope = trial.Size(48);
        int rope = 2 * trial.Size(16);
        return new AttentionShape(trial.Size(5), nope, rope, trial.Size(48), 1 / MathF.Sqrt(nope + rope));
    }

    private static void Forward(Trial trial, int mostSequences)
    {
        AttentionShape shape = Shape(trial);
        int rows = trial.Size(80);
        Tensor o = trial.OutputRows("o", rows, shape.Heads * shape.ValueColumns, Tolerance.Attention);
        Tensor logSumExp = trial.Next(2) == 0 ? default : trial.Output("logSumExp", rows, shape.Heads, Tolerance.Exponential);
        trial.Stream.Attention(
            trial.Rows(rows, shape.Heads * shape.QueryColumns), trial.Rows(rows, shape.Heads * shape.KeyValueColumns),
            trial.Rows(rows, shape.RopeColumns), trial.Offsets(trial.Size(mostSequences), rows), shape, o, logSumExp);
    }

    private static void Backward(Trial trial, int mostSequences)
    {
        AttentionShape shape = Shape(trial);
        int rows = trial.Size(65);
        Tensor q = trial.Rows(rows, shape.Heads * shape.QueryColumns);
        Tensor kv = trial.Rows(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = trial.Rows(rows, shape.RopeColumns);
        Tensor sequences = trial.Offsets(trial.Size(mostSequences), rows);
        Tensor o = trial.Rows(rows, shape.Heads * shape.ValueColumns);
        Tensor logSumExp = trial.Floats(rows, shape.Heads);
        trial.Stream.Attention(q, kv, kRope, sequences, shape, o, logSumExp);

        // A sequence of one row always weighs its only key 1: its dq and dk are 0 and only rounding is left, so a norm counts as 1 or more.
        trial.Stream.AttentionBackward(
            trial.Rows(rows, o.Columns), q, kv, kRope, trial.Stored(o), logSumExp, sequences, shape,
            trial.OutputRows("dq", rows, q.Columns, Tolerance.Attention, floor: 1),
            trial.OutputRows("dkv", rows, kv.Columns, Tolerance.Attention, floor: 1),
            trial.OutputRows("dkRope", rows, kRope.Columns, Tolerance.Attention, floor: 1));
    }

    private static void Latent(Trial trial)
    {
        AttentionShape shape = Shape(trial);
        int batch = trial.Size(8);
        int latent = trial.Size(64);
        Tensor cache = trial.Rows(trial.Size(), latent + shape.RopeColumns);
        var first = new int[batch];
        var lengths = new int[batch];
        for (int i = 0; i < batch; i++)
        {
            first[i] = trial.Next(cache.Rows);
            lengths[i] = 1 + trial.Next(cache.Rows - first[i]);
        }

        trial.Stream.LatentAttention(
            trial.Rows(batch, shape.Heads * shape.QueryColumns, scale: 0.3),
            trial.Weight(1, shape.Heads * shape.KeyValueColumns, latent), cache, trial.Ints(1, batch, first),
            trial.Ints(1, batch, lengths), shape,
            trial.OutputRows("o", batch, shape.Heads * shape.ValueColumns, Tolerance.Attention));
    }
}
