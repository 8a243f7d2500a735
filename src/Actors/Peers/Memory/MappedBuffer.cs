using Actors.Tensors;

namespace Actors.Runtime.Peers.Memory;

/// <summary>A part of shared memory as a buffer of the host. It is freed with the memory, and not before.</summary>
internal sealed class MappedBuffer(SharedMemory memory, long offset, long bytes) : DeviceBuffer(memory.Pointer + (nint)offset, bytes, isHost: true)
{
    /// <summary>The memory, which lives as long as a view of it.</summary>
    public SharedMemory Memory { get; } = memory;

    protected override void Dispose(bool disposing)
    {
    }
}
