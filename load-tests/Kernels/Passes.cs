using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Kernels;

/// <summary>Operations that pass over rows or parameters once.</summary>
internal sealed class Passes(Workbench bench, Report report)
{
    private const int Tokens = 256;
    private const int Columns = 128;
    private const double Elements = Tokens * Columns;

    // Every operation here rounds a few times, or sums a row of positive or random terms.
    private const double Tolerance = 1e-6;

    public void Run()
    {
        Optimizer(1 << 20);
        Optimizer(8 << 20);
        Norms();
        Activations();
        Losses();
        Permutations();
        Gate(16, new GateShape(4, 2, 4, true, 2.5f));
        Gate(256, new GateShape(8, 4, 8, true, 2.5f));
    }

    private void Optimizer(int count)
    {
        var step = new AdamWStep(1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f, 10, 0.7f);
        Bytes($"AdamW {count >> 20}M", 28.0 * count, on =>
        {
            Tensor values = on.Floats(1, count), gradient = on.Floats(1, count), first = on.Floats(1, count, 0.01);
            Tensor second = on.Floats(1, count, 0);
            return new Trial(() => on.Stream.AdamW(values, gradient, first, second, step), values);
        });
        Bytes($"SumOfSquares {count >> 20}M", 4.0 * count, on =>
        {
            Tensor values = on.Floats(1, count), sum = on.Tensor(1, 1, ElementType.Float64);
            return new Trial(() => on.Stream.SumOfSquares(values, sum), sum);
        });
        Bytes($"Add {count >> 20}M", 12.0 * count, on =>
        {
            Tensor a = on.Floats(1, count), b = on.Floats(1, count), sum = on.Floats(1, count);
            return new Trial(() => on.Stream.Add(a, b, sum), sum);
        });
    }

    private void Norms()
    {
        Bytes("RmsNorm 256 x 128", 8 * Elements, on =>
        {
            Tensor x = on.Floats(Tokens, Columns), y = on.Floats(Tokens, Columns);
            Tensor weight = on.Floats(1, Columns), rstd = on.Floats(1, Tokens);
            return new Trial(() => on.Stream.RmsNorm(x, weight, 1e-6f, y, rstd), y);
        });
        Bytes("RmsNormBackward 256 x 128", 12 * Elements, on =>
        {
            Tensor x = on.Floats(Tokens, Columns), dy = on.Floats(Tokens, Columns), dx = on.Floats(Tokens, Columns);
            Tensor weight = on.Floats(1, Columns), rstd = on.Floats(1, Tokens), dWeight = on.Floats(1, Columns);
            return new Trial(() => on.Stream.RmsNormBackward(dy, x, weight, rstd, dx, dWeight), dx);
        });
    }

    private void Activations()
    {
        Pieces("SwiGlu 256 x 128", Elements, "elements", on =>
        {
            Tensor gateUp = on.Floats(Tokens, 2 * Columns, 8), y = on.Floats(Tokens, Columns);
            return new Trial(() => on.Stream.SwiGlu(gateUp, y), y);
        });
        Pieces("SwiGluBackward 256 x 128", Elements, "elements", on =>
        {
            Tensor gateUp = on.Floats(Tokens, 2 * Columns, 8), dy = on.Floats(Tokens, Columns), dGateUp = on.Floats(Tokens, 2 * Columns);
            Tensor weights = on.Floats(1, Tokens), weighted = on.Floats(Tokens, Columns), dWeights = on.Floats(1, Tokens);
            return new Trial(() => on.Stream.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights), dGateUp);
        });
        Pieces("Rope 256 x 4 heads of 32+16", Tokens, "tokens", on =>
        {
            Tensor x = on.Floats(Tokens, 192), positions = on.Indices(1, Tokens, 128), cos = on.Floats(128, 8), sin = on.Floats(128, 8);
            return new Trial(() => on.Stream.Rope(x, 4, positions, cos, sin, inverse: false), x);
        });
    }

    private void Losses() => Pieces("CrossEntropy 256 x 256", Tokens, "tokens", on =>
    {
        Tensor logits = on.Floats(Tokens, 256, 8), targets = on.Indices(1, Tokens, 256), losses = on.Floats(1, Tokens);
        Tensor dLogits = on.Floats(Tokens, 256);
        return new Trial(() => on.Stream.CrossEntropy(logits, targets, 0.01f, losses, dLogits), dLogits);
    });

    private void Permutations()
    {
        Bytes("GatherRows 1024 x 128", 32 * Elements, on =>
        {
            Tensor x = on.Floats(Tokens, Columns), rows = on.Indices(1, 4 * Tokens, Tokens), y = on.Floats(4 * Tokens, Columns);
            return new Trial(() => on.Stream.GatherRows(x, rows, y), y);
        });
        Bytes("SumRows 256 x 4 x 128", 20 * Elements, on =>
        {
            Tensor x = on.Floats(4 * Tokens, Columns), rows = on.Indices(Tokens, 4, 4 * Tokens), weights = on.Floats(Tokens, 4);
            Tensor y = on.Floats(Tokens, Columns);
            return new Trial(() => on.Stream.SumRows(x, rows, weights, y), y);
        });
    }

    private void Gate(int experts, GateShape shape) => Pieces($"ChooseExperts {shape.ExpertsKept} of {experts}", Tokens, "tokens", on =>
    {
        Tensor logits = on.Floats(Tokens, experts, 4), bias = on.Floats(1, experts, 0.1), scores = on.Floats(Tokens, experts);
        Tensor chosen = on.Indices(Tokens, shape.ExpertsKept, experts), weights = on.Floats(Tokens, shape.ExpertsKept);
        return new Trial(() => on.Stream.ChooseExperts(logits, bias, shape, scores, chosen, weights), weights);
    });

    private void Bytes(string name, double bytes, Func<Workbench, Trial> make)
    {
        if (report.Wants(name))
        {
            report.AddBytes(name, Trial.Error(make), Tolerance, bytes, Timing.Measure(make(bench).Run));
            bench.Clear();
        }
    }

    private void Pieces(string name, double pieces, string unit, Func<Workbench, Trial> make)
    {
        if (report.Wants(name))
        {
            report.AddPieces(name, Trial.Error(make), Tolerance, pieces, unit, Timing.Measure(make(bench).Run));
            bench.Clear();
        }
    }
}
