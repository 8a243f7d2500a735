using Actors.Gpu.Driver;

namespace Actors.Gpu.Backend;

/// <summary>
/// Memory that an operation of one stream uses between its kernels: the stream's next operation writes over it. It grows in the first steps, by powers of two;
/// what was outgrown is kept, since recordings of the stream use it.
/// </summary>
/// <param name="context">The GPU.</param>
/// <param name="zeroedIn">The stream's queue, where operations find zeros and leave zeros behind; null: contents are undefined.</param>
internal sealed class CudaScratch(CudaContext context, CudaQueue? zeroedIn = null) : IDisposable
{
    private const long LeastBytes = 1 << 20;
    private readonly List<DeviceMemory> _outgrown = [];
    private DeviceMemory? _memory;

    /// <summary>At least so many bytes. What was handed out before is lost.</summary>
    public nuint Take(long bytes)
    {
        if (_memory is null || _memory.Bytes < bytes)
        {
            if (_memory is not null)
            {
                _outgrown.Add(_memory);
            }

            _memory = CudaMemory.Device(context, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(bytes, LeastBytes)));
            zeroedIn?.Fill(_memory.Address, 0, _memory.Bytes);
        }

        return _memory.Address;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory?.Dispose();
        _outgrown.ForEach(memory => memory.Dispose());
    }
}
