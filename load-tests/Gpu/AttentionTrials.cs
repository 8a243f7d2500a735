using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Tensors;
using Actors.Tensors.Operations;
using static Actors.LoadTests.Gpu.KernelTimer;

namespace Actors.LoadTests.Gpu;

/// <summary>Causal attention, forward and backward, over sequences of equal length: some rows are checked in float64, then calls are timed.</summary>
internal sealed class AttentionTrials(GpuBench bench, List<Figure> figures)
{
    /// <summary>Relative to a row's norm: what one rounding of bfloat16 in the probabilities and one in the result leave.</summary>
    private const double BFloat16Tolerance = 0.01;

    private const double Float32Tolerance = 1e-5;

    /// <summary>Training's shape, and heads of the published model.</summary>
    public void Run()
    {
        var small = new AttentionShape(16, 64, 32, 64, 1 / MathF.Sqrt(96));
        var published = new AttentionShape(32, 128, 64, 128, 1 / MathF.Sqrt(192));
        Measure(ElementType.BFloat16, 8, 1024, small);
        Measure(ElementType.BFloat16, 1, 4096, published);
        Measure(ElementType.Float32, 2, 1024, small);
    }

    private void Measure(ElementType type, int sequences, int length, AttentionShape shape)
    {
        int rows = sequences * length, query = shape.Heads * shape.QueryColumns, keyValue = shape.Heads * shape.KeyValueColumns, value = shape.Heads * shape.ValueColumns;
        var kernels = new AttentionKernels(bench.Library, type);
        var check = new AttentionCheck(
            shape, length, bench.Numbers(rows * query, type, 4), bench.Numbers(rows * keyValue, type, 4), bench.Numbers(rows * shape.RopeColumns, type, 4),
            bench.Numbers(rows * value, type, 4), type == ElementType.Float32 ? Float32Tolerance : BFloat16Tolerance);
        DeviceMemory starts = bench.Upload([.. Enumerable.Range(0, sequences + 1).Select(i => i * length)]);
        RowView dO = View(bench.Upload(check.OutputGradient, type), value);
        var inputs = new AttentionViews(
            View(bench.Upload(check.Query, type), query), View(bench.Upload(check.KeyValue, type), keyValue),
            View(bench.Upload(check.KeyRope, type), shape.RopeColumns), new SequenceList(starts.Address, sequences), rows, shape);
        int size = type.SizeInBytes();
        DeviceMemory o = bench.Poisoned((long)rows * value * size), logSumExp = bench.Poisoned((long)rows * shape.Heads * sizeof(float));
        DeviceMemory dq = bench.Poisoned((long)rows * query * size), dkv = bench.Poisoned((long)rows * keyValue * size);
        DeviceMemory dkRope = bench.Poisoned((long)rows * shape.RopeColumns * size), scratch = bench.Poisoned(AttentionKernels.ScratchBytes(rows, shape));
        void Forward() => kernels.Forward(bench.Queue, inputs, View(o, value), View(logSumExp, shape.Heads));
        void Backward() => kernels.Backward(
            bench.Queue, inputs, dO, View(o, value), View(logSumExp, shape.Heads), View(dq, query), View(dkv, keyValue), View(dkRope, shape.RopeColumns), scratch.Address);
        Forward();
        Backward();
        string name = $"attention {type}, {sequences} x {length}, {shape.Heads} heads of {shape.QueryColumns} and {shape.ValueColumns}";
        check.Outputs(name, bench.Download(o, type), bench.Download(logSumExp, ElementType.Float32));
        check.Gradients(name, bench.Download(dq, type), bench.Download(dkv, type), bench.Download(dkRope, type));

        // Half of all pairs; a pair of a head costs a product of query and key and one of probability and value, backward five such products.
        double pairs = (double)sequences * shape.Heads * length * (length + 1) / 2;
        double forward = 2 * pairs * (shape.QueryColumns + shape.ValueColumns), backward = 2 * pairs * (3 * shape.QueryColumns + 2 * shape.ValueColumns);
        Add(name, forward, bench.Time(Forward));
        Add($"{name}, backward", backward, bench.Time(Backward));
        bench.Clear();
    }

    private void Add(string name, double operations, Spread seconds)
    {
        figures.Add(new Figure(name, "microseconds", seconds.Times(1e6), 1));
        figures.Add(new Figure(name, "TFLOPS", seconds.RateOf(operations * 1e-12), 1));
    }
}
