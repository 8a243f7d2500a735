namespace Actors.Tensors;

/// <summary>A run of memory on one device, owned by whoever allocated it. Freed by <see cref="Dispose()"/>.</summary>
public abstract class DeviceBuffer : IDisposable
{
    private MemoryTally? _tally;
    private int _place;

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
        Interlocked.Exchange(ref _tally, null)?.Add(_place, -Bytes);
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Has a tally count the memory until it is freed.</summary>
    internal void CountIn(MemoryTally tally, int place)
    {
        (_tally, _place) = (tally, place);
        tally.Add(place, Bytes);
    }

    /// <summary>Frees the memory.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
