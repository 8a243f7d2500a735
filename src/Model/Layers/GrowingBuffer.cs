using System.Numerics;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// A tensor whose number of rows is known only when it is needed: the memory grows by powers of two and is kept. The contents
/// are lost when it grows.
/// </summary>
public sealed class GrowingBuffer : IDisposable
{
    private readonly IBackend _backend;
    private readonly ElementType _type;
    private DeviceBuffer _buffer;

    /// <summary>Allocates nothing yet.</summary>
    public GrowingBuffer(IBackend backend, ElementType type)
    {
        _backend = backend;
        _type = type;
        _buffer = backend.Allocate(0);
    }

    /// <summary>Views the memory as (rows, columns), growing it first where it is too small.</summary>
    public Tensor Take(int rows, int columns)
    {
        long bytes = (long)rows * columns * _type.SizeInBytes();
        if (bytes > _buffer.Bytes)
        {
            _buffer.Dispose();
            _buffer = _backend.Allocate((long)BitOperations.RoundUpToPowerOf2((ulong)bytes));
        }

        return new Tensor(_buffer, 0, rows, columns, columns, _type);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
