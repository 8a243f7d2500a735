namespace Actors.Tensors;

/// <summary>
/// Hands out tensors from one buffer of the device and one that the host reads too, one after the other, each aligned to 64 bytes, and
/// takes them all back at once. Plan first with no backend, then allocate: see <see cref="Plan"/>.
/// </summary>
public sealed class Arena : IDisposable
{
    private const int Alignment = 64;
    private readonly DeviceBuffer _buffer;
    private readonly DeviceBuffer _host;
    private long _used;
    private long _hostUsed;

    /// <summary>Reserves memory on <paramref name="backend"/>.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="bytes">Bytes for <see cref="Take"/>.</param>
    /// <param name="hostBytes">Bytes for <see cref="TakeHost"/>.</param>
    public Arena(IBackend backend, long bytes, long hostBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _buffer = backend.Allocate(bytes);
        _host = backend.AllocateHost(hostBytes);
    }

    /// <summary>Hands out an existing buffer that the host reads, which it owns from now on: both kinds of tensors come from it.</summary>
    public Arena(DeviceBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = _host = buffer;
    }

    /// <summary>Bytes that <see cref="Take"/> or <see cref="TakeHost"/> uses for a tensor of this shape.</summary>
    public static long Plan(int rows, int columns, ElementType type = ElementType.Float32) =>
        ((long)rows * columns * type.SizeInBytes() + Alignment - 1) / Alignment * Alignment;

    /// <summary>The next tensor; its contents are undefined.</summary>
    /// <exception cref="InvalidOperationException">The arena is full: the plan and the use differ.</exception>
    public Tensor Take(int rows, int columns, ElementType type = ElementType.Float32) => Cut(_buffer, ref _used, rows, columns, type);

    /// <summary>The next tensor that the host reads; its contents are undefined.</summary>
    /// <exception cref="InvalidOperationException">The arena is full: the plan and the use differ.</exception>
    public HostTensor TakeHost(int rows, int columns, ElementType type = ElementType.Float32) =>
        new(ReferenceEquals(_host, _buffer) ? Take(rows, columns, type) : Cut(_host, ref _hostUsed, rows, columns, type));

    /// <summary>Takes every tensor back.</summary>
    public void Reset() => (_used, _hostUsed) = (0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer.Dispose();
        if (!ReferenceEquals(_host, _buffer))
        {
            _host.Dispose();
        }
    }

    private static Tensor Cut(DeviceBuffer buffer, ref long used, int rows, int columns, ElementType type)
    {
        long bytes = Plan(rows, columns, type);
        if (used + bytes > buffer.Bytes)
        {
            throw new InvalidOperationException(
                $"The arena's buffer of {buffer.Bytes} bytes has {buffer.Bytes - used} left, {bytes} are asked for: it was planned too small.");
        }

        var tensor = new Tensor(buffer, used / type.SizeInBytes(), rows, columns, columns, type);
        used += bytes;
        return tensor;
    }
}
