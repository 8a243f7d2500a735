using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Int32 tensors that are made anew for every chunk, one after the other in one buffer that grows on demand.</summary>
public sealed class IndexTensors : IDisposable
{
    private readonly GrowingBuffer _buffer;
    private Tensor _all;
    private int _used;

    /// <summary>Allocates nothing yet.</summary>
    public IndexTensors(IBackend backend)
    {
        _buffer = new GrowingBuffer(backend, ElementType.Int32);
    }

    /// <summary>Takes back what was added and makes room for <paramref name="elements"/>.</summary>
    public void Begin(int elements)
    {
        _all = _buffer.Take(1, elements);
        _used = 0;
    }

    /// <summary>Uploads the next tensor (1, values).</summary>
    public Tensor Add(IStream stream, ReadOnlySpan<int> values)
    {
        Tensor part = _all.ColumnRange(_used, values.Length);
        _used += values.Length;
        stream.Upload(MemoryMarshal.AsBytes(values), part);
        return part;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
