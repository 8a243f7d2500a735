using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Matrices of a linear layer in a GPU's memory; float32 products read the values as they lie.</summary>
internal sealed class CudaWeight : Weight
{
    private readonly CudaBuffer _values;

    public CudaWeight(CudaContext context, int groups, int outputs, int inputs)
        : base(groups, outputs, inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(groups);
        ArgumentOutOfRangeException.ThrowIfNegative(outputs);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        int rows = checked(groups * outputs);
        _values = new CudaBuffer(context, BytesOf(groups, outputs, inputs));
        Values = new Tensor(_values, 0, rows, inputs, inputs, ElementType.Float32);
        if (_values.Bytes > 0)
        {
            using var queue = new CudaQueue(context);
            queue.Fill((nuint)_values.Pointer, 0, _values.Bytes);
            queue.Drain();
        }
    }

    /// <inheritdoc/>
    public override Tensor Values { get; }

    /// <summary>Bytes of the values.</summary>
    public static long BytesOf(int groups, int outputs, int inputs) => (long)groups * outputs * inputs * sizeof(float);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _values.Dispose();
        }
    }
}
