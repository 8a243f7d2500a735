using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>The gradient's norm and AdamW.</summary>
internal sealed class OptimizerTrials(GpuBench bench, KernelTimer timer)
{
    private const int Count = 1 << 26;

    private readonly OptimizerKernels _kernels = new(bench.Library);

    public void Run()
    {
        float[] values = bench.Numbers(Count, ElementType.Float32, 2), gradient = bench.Numbers(Count, ElementType.Float32, 2);
        SumOfSquares(values);
        AdamW("AdamW", values, gradient, ElementType.Float32);
        AdamW("AdamW, moments in bfloat16", values, gradient, ElementType.BFloat16);
    }

    private void SumOfSquares(float[] values)
    {
        double expected = 0;
        foreach (float value in values)
        {
            expected += (double)value * value;
        }

        const string Name = "sum of squares";
        DeviceMemory scratch = bench.Poisoned(OptimizerKernels.SumBytes(Count));
        timer.Measure(
            Name, (long)Count * sizeof(float), () => [bench.Upload(values, ElementType.Float32), bench.Poisoned(sizeof(double))],
            set => _kernels.SumOfSquares(bench.Queue, set[0].Address, Count, set[1].Address, scratch.Address),
            set =>
            {
                float[] halves = bench.Download(set[1], ElementType.Float32);
                double found = System.Runtime.InteropServices.MemoryMarshal.Cast<float, double>(halves)[0];
                Check(Name, [(float)expected], [(float)found], 1, ElementType.Float32);
            });
    }

    private void AdamW(string name, float[] values, float[] gradient, ElementType moments)
    {
        float[] first = bench.Numbers(Count, moments, 2), second = bench.Numbers(Count, moments, 2);
        for (int i = 0; i < Count; i++)
        {
            // Away from zero, and still a number of either type.
            second[i] = Math.Abs(second[i]) > 0.125f ? Math.Abs(second[i]) : 0.125f;
        }

        var step = new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, Step: 3, GradientScale: 0.7f);
        float[] expected = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            double g = (double)gradient[i] * step.GradientScale;
            double m = first[i] + ((1.0 - step.Beta1) * (g - first[i])), v = ((double)step.Beta2 * second[i]) + ((1.0 - step.Beta2) * g * g);
            double root = (Math.Sqrt(v) / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step))) + step.Epsilon;
            double keep = 1 - ((double)step.LearningRate * step.WeightDecay);
            expected[i] = (float)((keep * values[i]) - (step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step)) * m / root));
        }

        timer.Measure(
            name, Count * ((3L * sizeof(float)) + (4 * moments.SizeInBytes())),
            () => [bench.Upload(values, ElementType.Float32), bench.Upload(gradient, ElementType.Float32), bench.Upload(first, moments), bench.Upload(second, moments)],
            set => _kernels.AdamW(
                bench.Queue, set[0].Address, set[1].Address, set[2].Address, set[3].Address, 0, Count, AdamWFactors.Of(step), moments),
            set => Check(name, expected, bench.Download(set[0], ElementType.Float32), Count, ElementType.Float32, floor: 1));
    }
}
