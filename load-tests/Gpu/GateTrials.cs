using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>The published model's gate: 8 of 256 experts, of 4 of 8 groups. Some tokens are checked in float64, then calls are timed.</summary>
internal sealed class GateTrials(GpuBench bench, KernelTimer timer)
{
    private const int Experts = 256, CheckedTokens = 512;

    /// <summary>Two corrected scores so near are equal but for a rounding: either may be chosen first.</summary>
    private const float Tie = 2e-7f;

    private static readonly GateShape Shape = new(8, 4, 8, Normalize: true, 2.5f);

    /// <summary>A decoding batch and a training one.</summary>
    public void Run()
    {
        Measure(4096);
        Measure(131072);
    }

    private void Measure(int tokens)
    {
        var kernels = new GateKernels(bench.Library);
        float[] logits = bench.Numbers(tokens * Experts, ElementType.Float32, 6), bias = bench.Numbers(Experts, ElementType.Float32, 0.2);
        DeviceMemory input = bench.Upload(logits, ElementType.Float32), correction = bench.Upload(bias, ElementType.Float32);
        DeviceMemory scores = bench.Poisoned((long)tokens * Experts * sizeof(float)), gradient = bench.Poisoned((long)tokens * Experts * sizeof(float));
        DeviceMemory experts = bench.Poisoned((long)tokens * Shape.ExpertsKept * sizeof(int)), weights = bench.Poisoned((long)tokens * Shape.ExpertsKept * sizeof(float));
        RowView chosen = View(experts, Shape.ExpertsKept), weighted = View(weights, Shape.ExpertsKept);
        void Choose() => kernels.Choose(
            bench.Queue, View(input, Experts), correction.Address, Shape, View(scores, Experts), chosen, weighted, new RowCount(0, tokens), Experts, 0);
        void Backward() => kernels.Backward(
            bench.Queue, weighted, chosen, View(scores, Experts), Shape, View(gradient, Experts), new RowCount(0, tokens), Experts);
        Choose();
        Check(logits, bias, MemoryMarshal.Cast<float, int>(bench.Download(experts, ElementType.Float32)), bench.Download(weights, ElementType.Float32));
        long rows = (long)tokens * Experts * sizeof(float), choices = (long)tokens * Shape.ExpertsKept * (sizeof(int) + sizeof(float));
        timer.Report($"gate, {tokens} tokens", (2 * rows) + choices, bench.Time(Choose));
        timer.Report($"gate backward, {tokens} tokens", rows + choices, bench.Time(Backward));
        bench.Clear();
    }

    private static void Check(float[] logits, float[] bias, ReadOnlySpan<int> experts, ReadOnlySpan<float> weights)
    {
        const int GroupSize = Experts / 8;
        float[] score = new float[Experts], corrected = new float[Experts];
        for (int i = 0; i < CheckedTokens; i++)
        {
            int token = (int)((long)i * (logits.Length / Experts - 1) / (CheckedTokens - 1));
            for (int e = 0; e < Experts; e++)
            {
                score[e] = (float)(1 / (1 + Math.Exp(-(double)logits[token * Experts + e])));
                corrected[e] = score[e] + bias[e];
            }

            int[] groups = [.. Enumerable.Range(0, Shape.Groups).OrderByDescending(g => corrected.Skip(g * GroupSize).Take(GroupSize).OrderDescending().Take(2).Sum()).Take(Shape.GroupsKept)];
            int[] expected = [.. Enumerable.Range(0, Experts).Where(e => groups.Contains(e / GroupSize)).OrderByDescending(e => corrected[e]).Take(Shape.ExpertsKept)];
            double sum = expected.Sum(e => (double)score[e]);
            for (int k = 0; k < Shape.ExpertsKept; k++)
            {
                int found = experts[token * Shape.ExpertsKept + k];
                if (found != expected[k] && !(found is >= 0 and < Experts && Math.Abs(corrected[found] - corrected[expected[k]]) <= Tie))
                {
                    throw new CheckFailedException($"gate: choice {k} of token {token} is {found} and must be {expected[k]}.");
                }

                double weight = score[expected[k]] / sum * Shape.Scaling;
                if (!(Math.Abs(weights[token * Shape.ExpertsKept + k] - weight) <= 1e-6 * weight))
                {
                    throw new CheckFailedException($"gate: weight {k} of token {token} is {weights[token * Shape.ExpertsKept + k]:R} and must be {weight:R}.");
                }
            }
        }
    }
}
