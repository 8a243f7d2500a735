using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Memory as tensors view it: a GPU's, or the host's that kernels of every GPU of the process read and write at the same address.</summary>
internal sealed class CudaBuffer : DeviceBuffer
{
    private readonly IDisposable? _memory;

    private CudaBuffer(IDisposable? memory, nuint address, long bytes, bool isHost)
        : base((nint)address, bytes, isHost) => _memory = memory;

    /// <summary>Allocates memory of the GPU; none where no byte is wanted.</summary>
    public static CudaBuffer OnDevice(CudaContext context, long bytes)
    {
        DeviceMemory? memory = bytes == 0 ? null : CudaMemory.Device(context, bytes);
        return new CudaBuffer(memory, memory?.Address ?? 0, bytes, isHost: false);
    }

    /// <summary>Allocates pinned memory of the host; none where no byte is wanted.</summary>
    public static CudaBuffer OnHost(CudaContext context, long bytes)
    {
        PinnedMemory? memory = bytes == 0 ? null : CudaMemory.Pinned(context, bytes);
        return new CudaBuffer(memory, memory?.Address ?? 0, bytes, isHost: true);
    }

    /// <summary>Makes memory of the host that somebody else owns reachable for GPUs; none where there is no byte.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    public static CudaBuffer OfHost(CudaContext context, DeviceBuffer memory)
    {
        if (!memory.IsHost)
        {
            throw new ArgumentException("Only memory of the host can be imported, and this is a device's.", nameof(memory));
        }

        try
        {
            RegisteredMemory? registered = memory.Bytes == 0 ? null : new RegisteredMemory(context, memory.Pointer, memory.Bytes);
            return new CudaBuffer(registered, (nuint)memory.Pointer, memory.Bytes, isHost: true);
        }
        catch (CudaException failure)
        {
            throw new IOException(failure.Message, failure);
        }
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
