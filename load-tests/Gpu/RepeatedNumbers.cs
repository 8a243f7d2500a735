using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>
/// Rows of numbers that repeat after a prime number of them: rows and columns differ, the host keeps one period, and memory of any size is filled by copies
/// on the GPU.
/// </summary>
internal sealed class RepeatedNumbers
{
    private const int Period = 1_048_573;
    private readonly float[] _numbers;
    private readonly int _columns;

    public RepeatedNumbers(GpuBench bench, long rows, int columns, ElementType type)
    {
        _columns = columns;
        _numbers = bench.Numbers(Period, type, 2);
        int size = type.SizeInBytes();
        long bytes = rows * columns * size;
        DeviceMemory memory = bench.Poisoned(bytes), period = bench.Upload(_numbers, type);
        long filled = Math.Min(bytes, (long)Period * size);
        bench.Queue.Copy(memory.Address, period.Address, filled);
        while (filled < bytes)
        {
            long more = Math.Min(filled, bytes - filled);
            bench.Queue.Copy(memory.Address + (nuint)filled, memory.Address, more);
            filled += more;
        }

        View = new RowView(memory.Address, columns);
    }

    /// <summary>The rows.</summary>
    public RowView View { get; }

    /// <summary>A number as the type stores it.</summary>
    public float At(long row, int column) => _numbers[((row * _columns) + column) % Period];
}
