using Actors.Gpu.Driver;

namespace Actors.Gpu.Backend;

/// <summary>
/// Copies from memory of the host that the GPU does not reach, through pinned memory: the source may change when the call returns. One half is filled while
/// the other is copied; a thread waits only where it is a whole half ahead.
/// </summary>
internal sealed class UploadRing : IDisposable
{
    private const int HalfBytes = 1 << 20, Alignment = 16;
    private readonly CudaQueue _queue;
    private readonly PinnedMemory _memory;
    private readonly CudaMark[] _copied;
    private readonly bool[] _isUsed = new bool[2];
    private int _half, _used;

    public UploadRing(CudaQueue queue)
    {
        _queue = queue;
        _memory = new PinnedMemory(queue.Context, 2 * HalfBytes);
        _copied = [new CudaMark(queue.Context), new CudaMark(queue.Context)];
    }

    /// <summary>Enqueues a copy.</summary>
    public void Copy(ReadOnlySpan<byte> source, nuint to)
    {
        while (source.Length > 0)
        {
            if (_used == HalfBytes)
            {
                Turn();
            }

            int bytes = Math.Min(source.Length, HalfBytes - _used);
            int at = (_half * HalfBytes) + _used;
            source[..bytes].CopyTo(_memory.Span[at..]);
            _queue.Copy(to, _memory.Address + (nuint)at, bytes);
            source = source[bytes..];
            to += (nuint)bytes;
            _used = Math.Min(HalfBytes, (_used + bytes + Alignment - 1) / Alignment * Alignment);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        foreach (CudaMark mark in _copied)
        {
            mark.Dispose();
        }
    }

    private void Turn()
    {
        _queue.Record(_copied[_half]);
        _isUsed[_half] = true;
        (_half, _used) = (1 - _half, 0);
        if (_isUsed[_half])
        {
            _copied[_half].AwaitOnHost();
        }
    }
}
