using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Cpu.Tests.Simd;

/// <summary>A stream of the vector backend and the tensors made for it.</summary>
internal sealed class Bench : IDisposable
{
    private readonly CpuBackend _backend = new();
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random;

    public Bench(int seed = 1)
    {
        _random = new Random(seed);
        Stream = _backend.CreateStream("test");
    }

    public IStream Stream { get; }

    public int Next(int least, int end) => _random.Next(least, end);

    /// <summary>Values in −1 .. 1; <paramref name="gap"/> lie between rows and <paramref name="shift"/> before the first.</summary>
    public Tensor Floats(int rows, int columns, int gap = 0, int shift = 0)
    {
        Tensor tensor = Make(rows, columns, ElementType.Float32, gap, shift);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in tensor.RowSpan<float>(row))
            {
                value = _random.NextSingle() * 2 - 1;
            }
        }

        return tensor;
    }

    public Tensor Ints(params int[] values)
    {
        Tensor tensor = Make(1, values.Length, ElementType.Int32);
        values.CopyTo(tensor.AsSpan<int>());
        return tensor;
    }

    public Tensor Make(int rows, int columns, ElementType type, int gap = 0, int shift = 0)
    {
        int stride = columns + gap;
        DeviceBuffer buffer = _backend.Allocate(((long)rows * stride + shift) * type.SizeInBytes());
        _owned.Add(buffer);
        return new Tensor(buffer, shift, rows, columns, stride, type);
    }

    public Tensor Like(Tensor other, int gap = 0, int shift = 0)
    {
        Tensor copy = Make(other.Rows, other.Columns, other.Type, gap, shift);
        Stream.Copy(other, copy);
        return copy;
    }

    public Weight Weight(int groups, int outputs, int inputs)
    {
        Weight weight = _backend.CreateWeight(groups, outputs, inputs);
        _owned.Add(weight);
        Stream.Copy(Floats(groups * outputs, inputs), weight.Values);
        Stream.Prepare(weight);
        return weight;
    }

    /// <summary>The bits of all elements, row after row.</summary>
    public static int[] Bits(Tensor tensor)
    {
        var bits = new List<int>();
        for (int row = 0; row < tensor.Rows; row++)
        {
            bits.AddRange(MemoryMarshal.Cast<float, int>(tensor.RowSpan<float>(row)));
        }

        return [.. bits];
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        Stream.Dispose();
        _backend.Dispose();
    }
}
