using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.LoadTests.Kernels;

/// <summary>A stream and the tensors that were made for it, filled from one seed.</summary>
internal sealed class Workbench(IBackend backend) : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random = new(42);

    public IStream Stream { get; } = backend.CreateStream("benchmark");

    public Tensor Floats(int rows, int columns, double scale = 1)
    {
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((_random.NextDouble() - 0.5) * scale);
        }

        Tensor tensor = Tensor(rows, columns, ElementType.Float32);
        Stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        return tensor;
    }

    public Tensor Ints(params int[] values)
    {
        Tensor tensor = Tensor(1, values.Length, ElementType.Int32);
        Stream.Upload(MemoryMarshal.AsBytes<int>(values), tensor);
        return tensor;
    }

    public Tensor Indices(int rows, int columns, int end)
    {
        var values = new int[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _random.Next(end);
        }

        return Ints(values).Reshape(rows, columns);
    }

    public Tensor Tensor(int rows, int columns, ElementType type)
    {
        DeviceBuffer buffer = backend.Allocate((long)rows * columns * type.SizeInBytes());
        _owned.Add(buffer);
        return new Tensor(buffer, 0, rows, columns, columns, type);
    }

    public Weight Weight(int groups, int outputs, int inputs)
    {
        Weight weight = backend.CreateWeight(groups, outputs, inputs);
        _owned.Add(weight);
        Stream.Copy(Floats(groups * outputs, inputs), weight.Values);
        Stream.Prepare(weight);
        return weight;
    }

    /// <summary>Frees all tensors made so far.</summary>
    public void Clear()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        _owned.Clear();
    }

    public void Dispose()
    {
        Clear();
        Stream.Dispose();
    }
}
