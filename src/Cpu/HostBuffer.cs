using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>Memory of the host outside the garbage collector's heap, aligned to 64 bytes (a cache line, a Vector512).</summary>
internal sealed class HostBuffer : DeviceBuffer
{
    private bool _freed;

    /// <summary>Allocates <paramref name="bytes"/>; their contents are undefined.</summary>
    /// <param name="bytes">Length, 0 or more.</param>
    /// <param name="device">Name of the backend, for the message when memory runs out.</param>
    /// <exception cref="OutOfMemoryException">The host has not that much left.</exception>
    public HostBuffer(long bytes, string device)
        : base(Reserve(bytes, device), bytes, isHost: true)
    {
    }

    /// <summary>Frees the memory of a buffer that nobody disposed.</summary>
    ~HostBuffer() => Dispose(disposing: false);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A buffer that found no memory has no pointer, and is finalized all the same.
        if (!_freed && Pointer != 0)
        {
            _freed = true;
            HostHeap.OfProcess.Free(Pointer, Bytes);
        }
    }

    private static nint Reserve(long bytes, string device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        try
        {
            return HostHeap.OfProcess.Reserve(bytes);
        }
        catch (OutOfMemoryException failure)
        {
            throw new OutOfMemoryException(
                $"{device}: no {bytes} bytes left beside the {HostHeap.OfProcess.Held} held; use a smaller model, batch or sequence.", failure);
        }
    }
}
