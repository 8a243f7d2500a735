namespace Actors.Tensors;

/// <summary>A run of memory on one device, owned by whoever allocated it. Freed by <see cref="Dispose()"/>.</summary>
public abstract class DeviceBuffer : IDisposable
{
    /// <summary>Describes a run of <paramref name="bytes"/> at <paramref name="pointer"/>.</summary>
    /// <param name="pointer">First byte, aligned to at least 64 bytes, in the device's address space.</param>
    /// <param name="bytes">Length in bytes.</param>
    /// <param name="isHost">Whether the CPU can read and write through <paramref name="pointer"/>.</param>
    protected DeviceBuffer(nint pointer, long bytes, bool isHost)
    {
        Pointer = pointer;
        Bytes = bytes;
        IsHost = isHost;
    }

    /// <summary>First byte, in the device's address space.</summary>
    public nint Pointer { get; }

    /// <summary>Length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Whether the CPU can read and write through <see cref="Pointer"/>.</summary>
    public bool IsHost { get; }

    /// <summary>Frees the memory; views of it must not be used afterwards.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
