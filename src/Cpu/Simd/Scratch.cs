namespace Actors.Cpu.Simd;

/// <summary>
/// Memory that one operation at a time uses for its intermediate values; grows, and is kept for the next. It belongs to a thread,
/// not to a stream: operations run in the caller's thread, and many streams take turns there, whose own memories would drive
/// each other out of the caches.
/// </summary>
internal sealed unsafe class Scratch
{
    private const int FirstBytes = 256 * 1024;

    [ThreadStatic]
    private static Scratch? _own;

    private HostBuffer? _buffer;

    /// <summary>At least <paramref name="floats"/> floats, aligned to 64 bytes; what an earlier call gave in this thread is void.</summary>
    /// <param name="floats">Floats, 0 or more.</param>
    /// <param name="device">Who asks, for the message when there is no memory left.</param>
    public static float* Reserve(long floats, string device) => (_own ??= new Scratch()).Grow(floats, device);

    private float* Grow(long floats, string device)
    {
        long bytes = floats * sizeof(float);
        if (_buffer is null || bytes > _buffer.Bytes)
        {
            _buffer?.Dispose();
            _buffer = null;
            _buffer = new HostBuffer(Math.Max(FirstBytes, bytes + (bytes / 4)), device);
        }

        return (float*)_buffer.Pointer;
    }
}
