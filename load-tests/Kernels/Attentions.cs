using System.Runtime.InteropServices;
using Actors.Cpu.Scalar;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Kernels;

/// <summary>Attention in training and in decoding, checked against the scalar backend on a shorter sequence.</summary>
internal static class Attentions
{
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
        if (!report.Wants($"Attention {name}") && !report.Wants($"AttentionBackward {name}"))
        {
            return;
        }

        (Tensor o, double forwardError, double backwardError) = (default, ForwardError(shape, out double error), error);
        int rows = length * sequences;
        var starts = new int[sequences + 1];
        for (int i = 1; i <= sequences; i++)
        {
            starts[i] = i * length;
        }

        Tensor offsets = bench.Ints(starts);
        Tensor q = bench.Floats(rows, shape.Heads * shape.QueryColumns), kv = bench.Floats(rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = bench.Floats(rows, shape.RopeColumns), logSumExp = bench.Floats(rows, shape.Heads);
        o = bench.Floats(rows, shape.Heads * shape.ValueColumns);
        Tensor dO = bench.Floats(rows, o.Columns), dq = bench.Floats(rows, q.Columns), dkv = bench.Floats(rows, kv.Columns);
        Tensor dkRope = bench.Floats(rows, shape.RopeColumns);
        double pairs = sequences * (length * (length + 1.0) / 2) * shape.Heads;
        Timing forward = Timing.Measure(() => bench.Stream.Attention(q, kv, kRope, offsets, shape, o, logSumExp));
        report.AddFlops($"Attention {name}", forwardError, 2e-6, pairs * 2 * (shape.QueryColumns + shape.ValueColumns), forward);
        Timing backward = Timing.Measure(
            () => bench.Stream.AttentionBackward(dO, q, kv, kRope, o, logSumExp, offsets, shape, dq, dkv, dkRope));
        report.AddFlops(
            $"AttentionBackward {name}", backwardError, 4e-6, pairs * 2 * (3 * shape.QueryColumns + 2 * shape.ValueColumns), backward);
        bench.Clear();
    }

    /// <summary>Relative distance of outputs, and of the worst gradient, from the scalar backend's on one short sequence.</summary>
    private static double ForwardError(AttentionShape shape, out double backwardError)
    {
        float[][] expected = Short(new ScalarBackend(), shape), found = Short(new Cpu.CpuBackend(), shape);
        backwardError = Math.Max(Distance(expected[1], found[1]), Math.Max(Distance(expected[2], found[2]), Distance(expected[3], found[3])));
        return Distance(expected[0], found[0]);
    }

    private static float[][] Short(IBackend backend, AttentionShape shape)
    {
        const int Rows = 75;
        using var bench = new Workbench(backend);
        Tensor q = bench.Floats(Rows, shape.Heads * shape.QueryColumns), kv = bench.Floats(Rows, shape.Heads * shape.KeyValueColumns);
        Tensor kRope = bench.Floats(Rows, shape.RopeColumns), logSumExp = bench.Floats(Rows, shape.Heads), starts = bench.Ints(0, Rows);
        Tensor o = bench.Floats(Rows, shape.Heads * shape.ValueColumns), dO = bench.Floats(Rows, o.Columns);
        Tensor dq = bench.Floats(Rows, q.Columns), dkv = bench.Floats(Rows, kv.Columns), dkRope = bench.Floats(Rows, shape.RopeColumns);
        bench.Stream.Attention(q, kv, kRope, starts, shape, o, logSumExp);
        bench.Stream.AttentionBackward(dO, q, kv, kRope, o, logSumExp, starts, shape, dq, dkv, dkRope);
        return [o.AsSpan<float>().ToArray(), dq.AsSpan<float>().ToArray(), dkv.AsSpan<float>().ToArray(), dkRope.AsSpan<float>().ToArray()];
    }

    private static void Decode(Workbench bench, Report report, AttentionShape shape, int latent, int length)
    {
        string name = $"LatentAttention {shape.Heads} heads, latent {latent}+{shape.RopeColumns}, {length} rows";
        if (!report.Wants(name))
        {
            return;
        }

        Tensor q = bench.Floats(1, shape.Heads * shape.QueryColumns), cache = bench.Floats(length, latent + shape.RopeColumns);
        Tensor first = bench.Ints(0), lengths = bench.Ints(length);
        Tensor o = bench.Floats(1, shape.Heads * shape.ValueColumns);
        Weight up = bench.Weight(1, shape.Heads * shape.KeyValueColumns, latent);
        bench.Stream.LatentAttention(q, up, cache, first, lengths, shape, o);
        using var reference = new ScalarBackend();
        using var scalar = new Workbench(reference);
        Weight scalarUp = scalar.Weight(1, up.Outputs, up.Inputs);
        scalar.Stream.Upload(MemoryMarshal.AsBytes(up.Values.AsSpan<float>()), scalarUp.Values);
        Tensor expected = scalar.Floats(1, o.Columns);
        scalar.Stream.LatentAttention(q, scalarUp, cache, first, lengths, shape, expected);
        double error = Distance(expected.AsSpan<float>(), o.AsSpan<float>());

        // The cache and the weight are read at least once.
        double bytes = 4.0 * (cache.Count + up.Values.Count);
        report.AddBytes(name, error, 4e-6, bytes, Timing.Measure(() => bench.Stream.LatentAttention(q, up, cache, first, lengths, shape, o)));
        bench.Clear();
    }

    private static double Distance(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += ((double)found[i] - expected[i]) * ((double)found[i] - expected[i]);
            norm += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(difference / norm);
    }
}
