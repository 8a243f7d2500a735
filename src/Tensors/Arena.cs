namespace Actors.Tensors;

/// <summary>
/// Hands out tensors from one buffer, one after the other, each aligned to 64 bytes, and takes them all back at once.
/// Plan first with no backend, then allocate: see <see cref="Plan"/>.
/// </summary>
public sealed class Arena : IDisposable
{
    private const int Alignment = 64;
    private readonly DeviceBuffer _buffer;
    private long _used;

    /// <summary>Reserves <paramref name="bytes"/> on <paramref name="backend"/>.</summary>
    public Arena(IBackend backend, long bytes)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _buffer = backend.Allocate(bytes);
    }

    /// <summary>Bytes handed out, alignment included.</summary>
    public long UsedBytes => _used;

    /// <summary>Bytes in all.</summary>
    public long CapacityBytes => _buffer.Bytes;

    /// <summary>Bytes that <see cref="Take"/> uses for a tensor of this shape.</summary>
    public static long Plan(int rows, int columns, ElementType type = ElementType.Float32) =>
        ((long)rows * columns * type.SizeInBytes() + Alignment - 1) / Alignment * Alignment;

    /// <summary>The next tensor; its contents are undefined.</summary>
    /// <exception cref="InvalidOperationException">The arena is full: the plan and the use differ.</exception>
    public Tensor Take(int rows, int columns, ElementType type = ElementType.Float32)
    {
        long bytes = Plan(rows, columns, type);
        if (_used + bytes > _buffer.Bytes)
        {
            throw new InvalidOperationException(
                $"The arena of {_buffer.Bytes} bytes has {_buffer.Bytes - _used} left, {bytes} are asked for: it was planned too small.");
        }

        var tensor = new Tensor(_buffer, _used / type.SizeInBytes(), rows, columns, columns, type);
        _used += bytes;
        return tensor;
    }

    /// <summary>Takes every tensor back.</summary>
    public void Reset() => _used = 0;

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
