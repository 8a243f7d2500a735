using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Memory of the host, as tensors view it, that kernels of every GPU of the process read and write at the same address.</summary>
internal sealed class PinnedBuffer : DeviceBuffer
{
    private readonly PinnedMemory? _memory;

    /// <summary>Allocates.</summary>
    public PinnedBuffer(CudaContext context, long bytes)
        : this(bytes == 0 ? null : CudaMemory.Pinned(context, bytes))
    {
    }

    private PinnedBuffer(PinnedMemory? memory)
        : base(memory is null ? 0 : (nint)memory.Address, memory?.Bytes ?? 0, isHost: true)
    {
        _memory = memory;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _memory?.Dispose();
        }
    }
}
