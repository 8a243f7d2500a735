using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Kernels;

/// <summary>Operations that pass over rows or parameters once. Parity.Tests holds their results against the scalar backend.</summary>
internal static class Passes
{
    private const int Tokens = 256;
    private const int Columns = 128;

    public static void Run(Workbench bench, Report report)
    {
        Optimizer(bench, report, 1 << 20);
        Optimizer(bench, report, 16 << 20);
        Rows(bench, report);
        Gate(bench, report, 16, new GateShape(4, 2, 4, true, 2.5f));
        Gate(bench, report, 256, new GateShape(8, 4, 8, true, 2.5f));
        bench.Clear();
    }

    private static void Optimizer(Workbench bench, Report report, int count)
    {
        Tensor values = bench.Floats(1, count), gradient = bench.Floats(1, count), first = bench.Floats(1, count, 0.01);
        Tensor second = bench.Floats(1, count, 0), sum = bench.Tensor(1, 1, ElementType.Float64);
        var step = new AdamWStep(1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 10, 0.7f);
        Bytes(report, $"AdamW {count >> 20}M", 28.0 * count, () => bench.Stream.AdamW(values, gradient, first, second, step));
        Bytes(report, $"SumOfSquares {count >> 20}M", 4.0 * count, () => bench.Stream.SumOfSquares(values, sum));
        Bytes(report, $"Add {count >> 20}M", 12.0 * count, () => bench.Stream.Add(values, gradient, first));
        bench.Clear();
    }

    private static void Rows(Workbench bench, Report report)
    {
        Tensor x = bench.Floats(Tokens, Columns), y = bench.Floats(Tokens, Columns), dy = bench.Floats(Tokens, Columns);
        Tensor weight = bench.Floats(1, Columns), rstd = bench.Floats(1, Tokens), dWeight = bench.Floats(1, Columns);
        const double Elements = Tokens * Columns;
        Bytes(report, "RmsNorm 256 x 128", 8 * Elements, () => bench.Stream.RmsNorm(x, weight, 1e-6f, y, rstd));
        Bytes(report, "RmsNormBackward 256 x 128", 12 * Elements, () => bench.Stream.RmsNormBackward(dy, x, weight, rstd, y));
        Bytes(report, "RmsNormBackwardWeight 256 x 128", 8 * Elements, () => bench.Stream.RmsNormBackwardWeight(dy, x, rstd, dWeight));

        Tensor gateUp = bench.Floats(Tokens, 2 * Columns), dGateUp = bench.Floats(Tokens, 2 * Columns), weights = bench.Floats(1, Tokens);
        Pieces(report, "SwiGlu 256 x 128", Elements, "elements", () => bench.Stream.SwiGlu(gateUp, y));
        Pieces(
            report, "SwiGluBackward 256 x 128", Elements, "elements",
            () => bench.Stream.SwiGluBackward(gateUp, dy, weights, dGateUp, y, rstd));

        Tensor logits = bench.Floats(Tokens, 256, 8), targets = bench.Indices(1, Tokens, 256), dLogits = bench.Floats(Tokens, 256);
        Pieces(report, "CrossEntropy 256 x 256", Tokens, "tokens", () => bench.Stream.CrossEntropy(logits, targets, 0.01f, rstd, dLogits));

        Tensor positions = bench.Indices(1, Tokens, 128), cos = bench.Floats(128, 8), sin = bench.Floats(128, 8), q = bench.Floats(Tokens, 192);
        Pieces(report, "Rope 256 x 4 heads of 32+16", Tokens, "tokens", () => bench.Stream.Rope(q, 4, positions, cos, sin, inverse: false));

        Tensor rows = bench.Indices(1, 4 * Tokens, Tokens), wide = bench.Floats(4 * Tokens, Columns);
        Tensor four = bench.Indices(Tokens, 4, 4 * Tokens), fourWeights = bench.Floats(Tokens, 4);
        Bytes(report, "GatherRows 1024 x 128", 32 * Elements, () => bench.Stream.GatherRows(x, rows, wide));
        Bytes(report, "SumRows 256 x 4 x 128", 20 * Elements, () => bench.Stream.SumRows(wide, four, fourWeights, y));
        bench.Clear();
    }

    private static void Gate(Workbench bench, Report report, int experts, GateShape shape)
    {
        Tensor logits = bench.Floats(Tokens, experts, 4), bias = bench.Floats(1, experts, 0.1), scores = bench.Floats(Tokens, experts);
        Tensor chosen = bench.Indices(Tokens, shape.ExpertsKept, experts), weights = bench.Floats(Tokens, shape.ExpertsKept);
        Pieces(
            report, $"ChooseExperts {shape.ExpertsKept} of {experts}", Tokens, "tokens",
            () => bench.Stream.ChooseExperts(logits, bias, shape, scores, chosen, weights));
        bench.Clear();
    }

    private static void Bytes(Report report, string name, double bytes, Action action)
    {
        if (report.Wants(name))
        {
            report.AddBytes(name, 0, 0, bytes, Timing.Measure(action));
        }
    }

    private static void Pieces(Report report, string name, double pieces, string unit, Action action)
    {
        if (report.Wants(name))
        {
            report.AddPieces(name, 0, 0, pieces, unit, Timing.Measure(action));
        }
    }
}
