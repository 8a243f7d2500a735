using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Memory of a GPU as tensors view it.</summary>
internal sealed class CudaBuffer : DeviceBuffer
{
    private readonly DeviceMemory? _memory;

    /// <summary>Allocates.</summary>
    public CudaBuffer(CudaContext context, long bytes)
        : this(bytes == 0 ? null : CudaMemory.Device(context, bytes))
    {
    }

    private CudaBuffer(DeviceMemory? memory)
        : base(memory is null ? 0 : (nint)memory.Address, memory?.Bytes ?? 0, isHost: false)
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
