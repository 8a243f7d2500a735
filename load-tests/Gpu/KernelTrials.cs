using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>
/// Kernels that pass over rows once: each is checked against float32 arithmetic on the host, rounded at the output, then timed over buffers that
/// no cache holds, beside a copy of as many bytes in the same run.
/// </summary>
internal sealed class KernelTrials(GpuBench bench, int rows, int columns, List<Figure> figures)
{
    /// <summary>Buffers that are used in turns, so that none is in the L2 cache when its turn comes: their sum is several times the largest cache, 50 MB.</summary>
    private const long TurnBytes = 1L << 28;

    /// <summary>Relative: expf of either side is right to two units in the last place, the sum of a row's squares to some more; a unit is 1.2e-7.</summary>
    private const double Float32Tolerance = 1e-6;

    /// <summary>One code of bfloat16's 8 bits: where the float32 result lies beside the middle of two codes, either is right.</summary>
    private const double BFloat16Tolerance = 1.0 / 128;

    private double _copyBytesPerSecond;

    /// <summary>Measures a copy, and then all kernels with rows of each type.</summary>
    public void Run()
    {
        Copy();
        foreach (ElementType type in (ElementType[])[ElementType.Float32, ElementType.BFloat16])
        {
            Add(type);
            SwiGlu(type);
            RmsNorm(type);
        }
    }

    private void Copy()
    {
        const long Bytes = 1L << 28;
        DeviceMemory from = bench.Poisoned(Bytes), to = bench.Poisoned(Bytes);
        Spread seconds = bench.Time(() => bench.Queue.Copy(to.Address, from.Address, Bytes));
        _copyBytesPerSecond = 2 * Bytes / seconds.Median;
        figures.Add(new Figure("copy of 256 MiB", "GB/s (read + written)", Rates(2 * Bytes, seconds), 0));
        bench.Clear();
    }

    private void Add(ElementType type)
    {
        var kernels = new ElementwiseKernels(bench.Library, type);
        float[] a = bench.Numbers(rows * columns, type, 2), b = bench.Numbers(rows * columns, type, 2);
        float[] expected = new float[a.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = GpuBench.Stored(a[i] + b[i], type);
        }

        Measure($"add {type}", type, 3, [a, b], expected, columns, (inputs, output) => kernels.Add(
            bench.Queue, View(inputs[0], columns), View(inputs[1], columns), View(output, columns), new RowCount(0, rows), columns));
    }

    private void SwiGlu(ElementType type)
    {
        var kernels = new ElementwiseKernels(bench.Library, type);
        float[] gateUp = bench.Numbers(rows * 2 * columns, type, 16);
        float[] expected = new float[rows * columns];
        for (int i = 0; i < expected.Length; i++)
        {
            float gate = gateUp[i / columns * 2 * columns + i % columns], up = gateUp[i / columns * 2 * columns + columns + i % columns];
            expected[i] = GpuBench.Stored(gate / (1 + MathF.Exp(-gate)) * up, type);
        }

        Measure($"swiglu {type}", type, 3, [gateUp], expected, columns, (inputs, output) => kernels.SwiGlu(
            bench.Queue, View(inputs[0], 2 * columns), View(output, columns), new RowCount(0, rows), columns));
    }

    private void RmsNorm(ElementType type)
    {
        var kernels = new NormKernels(bench.Library, type);
        float[] x = bench.Numbers(rows * columns, type, 4), weight = bench.Numbers(columns, ElementType.Float32, 2);
        float[] expected = new float[x.Length];
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> input = x.AsSpan(row * columns, columns);
            double squares = 0;
            foreach (float value in input)
            {
                squares += (double)value * value;
            }

            double inverse = 1 / Math.Sqrt(squares / columns + 1e-6);
            for (int i = 0; i < columns; i++)
            {
                expected[row * columns + i] = GpuBench.Stored((float)(input[i] * inverse * weight[i]), type);
            }
        }

        DeviceMemory weights = bench.Upload(weight, ElementType.Float32);
        Measure($"rms norm {type}", type, 2, [x], expected, columns, (inputs, output) => kernels.RmsNorm(
            bench.Queue, View(inputs[0], columns), weights.Address, 1e-6f, View(output, columns), 0, new RowCount(0, rows), columns));
    }

    /// <summary>Checks one call, then times calls over buffers in turns.</summary>
    private void Measure(
        string name, ElementType type, int rowsMoved, float[][] inputs, float[] expected, int width, Action<DeviceMemory[], DeviceMemory> enqueue)
    {
        long outputBytes = (long)expected.Length * type.SizeInBytes();
        long moved = rowsMoved * (long)rows * width * type.SizeInBytes();
        int turns = (int)Math.Clamp(TurnBytes / moved + 1, 2, 64);
        var sets = new (DeviceMemory[] Inputs, DeviceMemory Output)[turns];
        for (int turn = 0; turn < turns; turn++)
        {
            sets[turn] = ([.. inputs.Select(input => bench.Upload(input, type))], bench.Poisoned(outputBytes));
        }

        enqueue(sets[0].Inputs, sets[0].Output);
        Check(name, expected, bench.Download(sets[0].Output, type), width, type);
        int next = 0;
        Spread seconds = bench.Time(() =>
        {
            (DeviceMemory[] from, DeviceMemory to) = sets[next++ % turns];
            enqueue(from, to);
        });
        figures.Add(new Figure(name, "microseconds", new Spread(seconds.Median * 1e6, seconds.Least * 1e6, seconds.Greatest * 1e6), 1));
        figures.Add(new Figure(name, "GB/s (read + written)", Rates(moved, seconds), 0));
        figures.Add(new Figure(name, "of the copy", Rates(moved, seconds, 1 / _copyBytesPerSecond), 2));
        bench.Clear();
    }

    private static void Check(string name, float[] expected, float[] found, int width, ElementType type)
    {
        double tolerance = type == ElementType.Float32 ? Float32Tolerance : BFloat16Tolerance;
        for (int row = 0; row * width < expected.Length; row++)
        {
            ReadOnlySpan<float> right = expected.AsSpan(row * width, width), got = found.AsSpan(row * width, width);
            for (int i = 0; i < width; i++)
            {
                if (!(Math.Abs((double)got[i] - right[i]) <= tolerance * Math.Abs((double)right[i])))
                {
                    throw new CheckFailedException($"{name}: row {row}, column {i} is {got[i]:R} and must be {right[i]:R}.");
                }
            }
        }
    }

    private static RowView View(DeviceMemory memory, int stride) => new(memory.Address, stride);

    private static Spread Rates(long bytes, Spread seconds, double scale = 1e-9) =>
        new(bytes / seconds.Median * scale, bytes / seconds.Greatest * scale, bytes / seconds.Least * scale);
}
