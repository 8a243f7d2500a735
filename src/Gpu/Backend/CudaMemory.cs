using Actors.Gpu.Driver;

namespace Actors.Gpu.Backend;

/// <summary>Allocates as the contract of backends says: what does not fit is an <see cref="OutOfMemoryException"/>.</summary>
internal static class CudaMemory
{
    /// <summary>Memory of the GPU.</summary>
    public static DeviceMemory Device(CudaContext context, long bytes) => Allocate(context, bytes, static (gpu, size) => new DeviceMemory(gpu, size));

    /// <summary>Memory of the host.</summary>
    public static PinnedMemory Pinned(CudaContext context, long bytes) => Allocate(context, bytes, static (gpu, size) => new PinnedMemory(gpu, size));

    private static T Allocate<T>(CudaContext context, long bytes, Func<CudaContext, long, T> make)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        try
        {
            return make(context, bytes);
        }
        catch (CudaException failure) when (failure.Status == CudaStatus.OutOfMemory)
        {
            throw new OutOfMemoryException($"{bytes} bytes were requested: {failure.Message}", failure);
        }
    }
}
