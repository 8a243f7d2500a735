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
    private readonly List<DeviceBuffer> _outgrown = [];
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
            Outgrow();
            _buffer = _backend.Allocate((long)BitOperations.RoundUpToPowerOf2((ulong)bytes));
        }

        return new Tensor(_buffer, 0, rows, columns, columns, _type);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer.Dispose();
        _outgrown.ForEach(buffer => buffer.Dispose());
    }

    /// <summary>What was enqueued may still use the smaller memory; growing by powers of two, all that is kept is no more than the last.</summary>
    private void Outgrow()
    {
        if (_backend.RunsAtOnce)
        {
            _buffer.Dispose();
        }
        else
        {
            _outgrown.Add(_buffer);
        }
    }
}
