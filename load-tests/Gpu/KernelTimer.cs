using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>Times a kernel over buffers that no cache holds, beside a copy of as many bytes in the same run, after one call has been checked.</summary>
internal sealed class KernelTimer(GpuBench bench, List<Figure> figures)
{
    /// <summary>Buffers are used in turns, so that none is in the L2 cache when its turn comes: their sum is several times the largest cache, 50 MB.</summary>
    private const long TurnBytes = 1L << 28;

    /// <summary>Relative: expf of either side is right to two units in the last place, the sum of a row's squares to some more; a unit is 1.2e-7.</summary>
    private const double Float32Tolerance = 1e-6;

    /// <summary>One code of bfloat16's 8 bits: where the float32 result lies beside the middle of two codes, either is right.</summary>
    private const double BFloat16Tolerance = 1.0 / 128;

    private double _copyBytesPerSecond;

    /// <summary>Measures a copy, which kernels are compared with.</summary>
    public void Copy()
    {
        const long Bytes = 1L << 28;
        DeviceMemory from = bench.Poisoned(Bytes), to = bench.Poisoned(Bytes);
        Spread seconds = bench.Time(() => bench.Queue.Copy(to.Address, from.Address, Bytes));
        _copyBytesPerSecond = 2 * Bytes / seconds.Median;
        figures.Add(new Figure("copy of 256 MiB", "GB/s (read + written)", seconds.RateOf(2 * Bytes * 1e-9), 0));
        bench.Clear();
    }

    /// <summary>Checks one call, then times calls over buffers in turns.</summary>
    /// <param name="name">Of the kernel.</param>
    /// <param name="moved">Bytes that a call reads and writes at least.</param>
    /// <param name="make">Makes the buffers of a turn.</param>
    /// <param name="enqueue">Enqueues a call.</param>
    /// <param name="check">Throws unless the buffers hold the right results.</param>
    public void Measure(string name, long moved, Func<DeviceMemory[]> make, Action<DeviceMemory[]> enqueue, Action<DeviceMemory[]> check)
    {
        int turns = (int)Math.Clamp((TurnBytes / moved) + 1, moved < 2 * TurnBytes ? 2 : 1, 64);
        DeviceMemory[][] sets = [.. Enumerable.Range(0, turns).Select(_ => make())];
        enqueue(sets[0]);
        check(sets[0]);
        int next = 0;
        Spread seconds = bench.Time(() => enqueue(sets[next++ % turns]));
        Report(name, moved, seconds);
        bench.Clear();
    }

    /// <summary>Adds a call's time, its rate, and what that is of the copy's.</summary>
    /// <param name="name">Of the kernel.</param>
    /// <param name="moved">Bytes that a call reads and writes at least.</param>
    /// <param name="seconds">Of a call.</param>
    public void Report(string name, long moved, Spread seconds)
    {
        figures.Add(new Figure(name, "microseconds", seconds.Times(1e6), 1));
        figures.Add(new Figure(name, "GB/s (read + written)", seconds.RateOf(moved * 1e-9), 0));
        figures.Add(new Figure(name, "of the copy", seconds.RateOf(moved / _copyBytesPerSecond), 2));
    }

    /// <summary>Throws unless numbers are as expected.</summary>
    /// <param name="name">Of what is checked.</param>
    /// <param name="expected">The numbers.</param>
    /// <param name="found">As many.</param>
    /// <param name="width">Columns of a row.</param>
    /// <param name="type">How they were stored.</param>
    /// <param name="floor">Added to a number's size: of the terms whose sum or difference it is.</param>
    public static void Check(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> found, int width, ElementType type, double floor = 0)
    {
        double tolerance = type == ElementType.Float32 ? Float32Tolerance : BFloat16Tolerance;
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs((double)found[i] - expected[i]) <= tolerance * (Math.Abs((double)expected[i]) + floor)))
            {
                throw new CheckFailedException($"{name}: row {i / width}, column {i % width} is {found[i]:R} and must be {expected[i]:R}.");
            }
        }
    }

    /// <summary>Rows in memory, one after the other.</summary>
    public static RowView View(DeviceMemory memory, int stride) => new(memory.Address, stride);
}
