using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Kernels;

/// <summary>Attention in training and in decoding.</summary>
internal static class Attentions
{
    // A sequence's length does not change the code that runs, but the scalar backend needs long for a long one.
    private const int CheckedLength = 75;

    public static void Run(Workbench bench, Report report)
    {
        var quickstart = new AttentionShape(4, 32, 16, 32, 0.144f);
        var wide = new AttentionShape(8, 128, 64, 128, 0.072f);
        Causal(bench, report, quickstart, 128, 4);
        Causal(bench, report, quickstart, 1024, 1);
        Causal(bench, report, wide, 1024, 1);
        Causal(bench, report, quickstart, 4096, 1);
        Decode(bench, report, quickstart, 32, 128);
        Decode(bench, report, new AttentionShape(16, 128, 64, 128, 0.072f), 512, 4096);
    }

    private static void Causal(Workbench bench, Report report, AttentionShape shape, int length, int sequences)
    {
        string name = $"{sequences} x {length}, {shape.Heads} heads {shape.NopeColumns}+{shape.RopeColumns}/{shape.ValueColumns}";
        double pairs = sequences * (length * (length + 1.0) / 2) * shape.Heads;
        if (report.Wants($"Attention {name}"))
        {
            double error = Trial.Error(small => Forward(small, shape, CheckedLength, 1));
            Timing timing = Timing.Measure(Forward(bench, shape, length, sequences).Run);
            report.AddFlops($"Attention {name}", error, 2e-6, pairs * 2 * (shape.QueryColumns + shape.ValueColumns), timing);
            bench.Clear();
        }

        if (report.Wants($"AttentionBackward {name}"))
        {
            double error = Trial.Error(small => Backward(small, shape, CheckedLength, 1));
            Timing timing = Timing.Measure(Backward(bench, shape, length, sequences).Run);
            report.AddFlops(
                $"AttentionBackward {name}", error, 4e-6, pairs * 2 * (3 * shape.QueryColumns + 2 * shape.ValueColumns), timing);
            bench.Clear();
        }
    }

    private static Trial Forward(Workbench bench, AttentionShape shape, int length, int sequences)
    {
        int rows = length * sequences;
        Tensor q = bench.Floats(rows, shape.Heads * shape.QueryColumns), kv = bench.Floats(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = bench.Floats(rows, shape.RopeColumns), o = bench.Floats(rows, shape.Heads * shape.ValueColumns);
        Tensor logSumExp = bench.Floats(rows, shape.Heads), starts = Starts(bench, length, sequences);
        return new Trial(() => bench.Stream.Attention(q, kv, kRope, starts, shape, o, logSumExp), o);
    }

    private static Trial Backward(Workbench bench, AttentionShape shape, int length, int sequences)
    {
        int rows = length * sequences;
        Tensor q = bench.Floats(rows, shape.Heads * shape.QueryColumns), kv = bench.Floats(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = bench.Floats(rows, shape.RopeColumns), o = bench.Floats(rows, shape.Heads * shape.ValueColumns);
        Tensor logSumExp = bench.Floats(rows, shape.Heads), starts = Starts(bench, length, sequences), dO = bench.Floats(rows, o.Columns);
        Tensor dq = bench.Floats(rows, q.Columns), dkv = bench.Floats(rows, kv.Columns), dkRope = bench.Floats(rows, shape.RopeColumns);
        bench.Stream.Attention(q, kv, kRope, starts, shape, o, logSumExp);
        return new Trial(
            () => bench.Stream.AttentionBackward(dO, q, kv, kRope, o, logSumExp, starts, shape, dq, dkv, dkRope), dkv);
    }

    private static Tensor Starts(Workbench bench, int length, int sequences)
    {
        var starts = new int[sequences + 1];
        for (int i = 1; i <= sequences; i++)
        {
            starts[i] = i * length;
        }

        return bench.Ints(starts);
    }

    private static void Decode(Workbench bench, Report report, AttentionShape shape, int latent, int length)
    {
        string name = $"LatentAttention {shape.Heads} heads, latent {latent}+{shape.RopeColumns}, {length} rows";
        if (report.Wants(name))
        {
            Trial Make(Workbench on)
            {
                Tensor q = on.Floats(1, shape.Heads * shape.QueryColumns), cache = on.Floats(length, latent + shape.RopeColumns);
                Tensor first = on.Ints(0), lengths = on.Ints(length), o = on.Floats(1, shape.Heads * shape.ValueColumns);
                Weight up = on.Weight(1, shape.Heads * shape.KeyValueColumns, latent);
                return new Trial(() => on.Stream.LatentAttention(q, up, cache, first, lengths, shape, o), o);
            }

            // The cache and the weight are read at least once.
            double bytes = 4.0 * ((double)length * (latent + shape.RopeColumns) + (double)shape.Heads * shape.KeyValueColumns * latent);
            report.AddBytes(name, Trial.Error(Make), 4e-6, bytes, Timing.Measure(Make(bench).Run));
            bench.Clear();
        }
    }
}
