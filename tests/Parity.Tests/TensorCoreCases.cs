using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Heads of the sizes for which a GPU's tensor cores have kernels of bfloat16, and products that fill their tiles.</summary>
internal static class TensorCoreCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Attention, heads of 96 and 64" + OperationTable.LargeSuffix] = trial => Attention(trial, nope: 64, rope: 32, value: 64, sequences: 3);
        table["Attention, heads of 96 and 64, documents" + OperationTable.LargeSuffix] = trial => Attention(trial, nope: 64, rope: 32, value: 64, AttentionCases.MostDocuments);
        table["Attention, heads of 192 and 128" + OperationTable.LargeSuffix] = trial => Attention(trial, nope: 128, rope: 64, value: 128, sequences: 3);
        table["LatentAttention, latents of 512" + OperationTable.LargeSuffix] = Latent;
        table["GroupedLinear, tiles" + OperationTable.LargeSuffix] = Grouped;
    }

    private static void Attention(Trial trial, int nope, int rope, int value, int sequences)
    {
        var shape = new AttentionShape(Heads: 2, nope, rope, value, 1 / MathF.Sqrt(nope + rope));
        int rows = 100 + trial.Size();
        Tensor q = Packed(trial, rows, shape.Heads * shape.QueryColumns), kv = Packed(trial, rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = Packed(trial, rows, rope), starts = trial.Offsets(sequences, rows), dO = Packed(trial, rows, shape.Heads * value);
        Tensor o = Packed(trial, rows, dO.Columns), logSumExp = trial.Output("logSumExp", rows, shape.Heads, Tolerance.Exponential);
        trial.Compare("o", o, Tolerance.Attention);
        trial.Stream.Attention(q, kv, kRope, starts, shape, o, logSumExp);
        Tensor[] gradients = [Packed(trial, rows, q.Columns), Packed(trial, rows, kv.Columns), Packed(trial, rows, rope)];
        trial.Compare("dq", gradients[0], Tolerance.Attention);
        trial.Compare("dkv", gradients[1], Tolerance.Attention);
        trial.Compare("dkRope", gradients[2], Tolerance.Attention);
        trial.Stream.AttentionBackward(dO, q, kv, kRope, trial.Stored(o), logSumExp, starts, shape, gradients[0], gradients[1], gradients[2]);
    }

    private static void Latent(Trial trial)
    {
        const int LatentColumns = 512, MostRows = 300;
        var shape = new AttentionShape(Heads: 4, NopeColumns: 32, RopeColumns: 64, ValueColumns: 32, Scale: 0.1f);
        int batch = 1 + trial.Next(3);
        Tensor cache = Packed(trial, batch * MostRows, LatentColumns + shape.RopeColumns), o = Packed(trial, batch, shape.Heads * shape.ValueColumns);
        int[] first = [.. Enumerable.Range(0, batch).Select(row => row * MostRows)], lengths = [.. first.Select(_ => 1 + trial.Next(MostRows))];
        trial.Compare("o", o, Tolerance.Attention);
        trial.Stream.LatentAttention(
            Packed(trial, batch, shape.Heads * shape.QueryColumns, scale: 0.1), trial.Weight(1, shape.Heads * shape.KeyValueColumns, LatentColumns), cache,
            trial.Ints(1, batch, first), trial.Ints(1, batch, lengths), shape, o);
    }

    /// <summary>Groups of many rows and of few, forward and for the input, of sizes that tiles divide.</summary>
    private static void Grouped(Trial trial)
    {
        const int Groups = 3, Outputs = 256, Inputs = 192;
        Weight weight = trial.Weight(Groups, Outputs, Inputs);
        int rows = 256 + trial.Next(256);
        Tensor x = Packed(trial, rows, Inputs), y = Packed(trial, rows, Outputs), dx = Packed(trial, rows, Inputs), offsets = trial.Offsets(Groups, rows);
        trial.Compare("y", y, Tolerance.Product(Inputs));
        trial.Compare("dx", dx, Tolerance.Product(Outputs));
        trial.Stream.GroupedLinear(x, offsets, weight, y);
        trial.Stream.GroupedLinearBackwardInput(Packed(trial, rows, Outputs), offsets, weight, dx);
        trial.Stream.GroupedLinearBackwardWeight(
            Packed(trial, rows, Outputs), x, offsets, trial.Output("dWeight", Groups * Outputs, Inputs, Tolerance.Product(rows)));
    }

    /// <summary>Rows one after the other, which begin where a GPU reads them by 16 bytes.</summary>
    private static Tensor Packed(Trial trial, int rows, int columns, double scale = 1) => trial.Rows(rows, columns, scale, contiguous: true);
}
