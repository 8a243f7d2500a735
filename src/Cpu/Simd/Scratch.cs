namespace Actors.Cpu.Simd;

/// <summary>Memory that one operation at a time uses for its intermediate values; grows, and is kept for the next.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private readonly string _device;
    private HostBuffer _buffer;

    public Scratch(string device)
    {
        _device = device;
        _buffer = new HostBuffer(256 * 1024, device);
    }

    /// <summary>At least <paramref name="floats"/> floats, aligned to 64 bytes; what an earlier call gave is void.</summary>
    public float* Reserve(long floats)
    {
        long bytes = floats * sizeof(float);
        if (bytes > _buffer.Bytes)
        {
            _buffer.Dispose();
            _buffer = new HostBuffer(bytes + (bytes / 4), _device);
        }

        return (float*)_buffer.Pointer;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
