namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// The frames of a lane that wait to be sent, in order, at most a fixed number. Grows to what it once held and then allocates nothing.
/// </summary>
internal sealed class FrameQueue(int capacity)
{
    private readonly Lock _lock = new();
    private QueuedFrame[] _frames = new QueuedFrame[Math.Min(16, capacity)];
    private byte[] _small = new byte[LinkLimits.SmallBytes];
    private int _first, _count;
    private int _smallFirst, _smallCount;
    private bool _closed;

    /// <summary>Frames that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>What became of a frame.</summary>
    public enum Addition
    {
        /// <summary>It waits.</summary>
        Added,

        /// <summary>There is no place.</summary>
        Full,

        /// <summary>Nothing is sent any more.</summary>
        Closed,
    }

    /// <summary>Adds a frame whose payload is copied.</summary>
    public Addition Add(in FrameHeader header, ReadOnlySpan<byte> small)
    {
        lock (_lock)
        {
            if (RefusedBy() is { } refused)
            {
                return refused;
            }

            ref QueuedFrame frame = ref Append(header);
            frame.Header.PayloadBytes = small.Length;
            frame.IsSmall = true;
            AppendSmall(small);
            return Addition.Added;
        }
    }

    /// <summary>Adds a frame whose payload stays where it is.</summary>
    public Addition Add(in FrameHeader header, ReadOnlySpan<PayloadPart> parts, long payloadBytes, IFrameSent? sent)
    {
        lock (_lock)
        {
            if (RefusedBy() is { } refused)
            {
                return refused;
            }

            ref QueuedFrame frame = ref Append(header);
            frame.Header.PayloadBytes = payloadBytes;
            frame.PartCount = parts.Length;
            parts.CopyTo(frame.Parts);
            frame.Sent = sent;
            return Addition.Added;
        }
    }

    /// <summary>Takes the next frame; the payload of a small one is copied to <paramref name="small"/>.</summary>
    public bool TryTake(ref QueuedFrame frame, Span<byte> small)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                return false;
            }

            frame = _frames[_first];
            _frames[_first] = default;
            _first = (_first + 1) % _frames.Length;
            _count--;
            if (frame.IsSmall)
            {
                TakeSmall(small[..(int)frame.Header.PayloadBytes]);
            }

            return true;
        }
    }

    /// <summary>Takes no more frames.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }

    private Addition? RefusedBy() => _closed ? Addition.Closed : _count == capacity ? Addition.Full : null;

    private ref QueuedFrame Append(in FrameHeader header)
    {
        if (_count == _frames.Length)
        {
            var larger = new QueuedFrame[Math.Min(2 * _count, capacity)];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = _frames[(_first + i) % _count];
            }

            (_frames, _first) = (larger, 0);
        }

        ref QueuedFrame frame = ref _frames[(_first + _count++) % _frames.Length];
        frame = new QueuedFrame { Header = header };
        return ref frame;
    }

    private void AppendSmall(ReadOnlySpan<byte> small)
    {
        if (_smallCount + small.Length > _small.Length)
        {
            var larger = new byte[Math.Max(2 * _small.Length, _smallCount + small.Length)];
            int held = _smallCount;
            TakeSmall(larger.AsSpan(0, held));
            (_small, _smallFirst, _smallCount) = (larger, 0, held);
        }

        int at = (_smallFirst + _smallCount) % _small.Length;
        int before = Math.Min(small.Length, _small.Length - at);
        small[..before].CopyTo(_small.AsSpan(at));
        small[before..].CopyTo(_small);
        _smallCount += small.Length;
    }

    private void TakeSmall(Span<byte> into)
    {
        int before = Math.Min(into.Length, _small.Length - _smallFirst);
        _small.AsSpan(_smallFirst, before).CopyTo(into);
        _small.AsSpan(0, into.Length - before).CopyTo(into[before..]);
        _smallFirst = (_smallFirst + into.Length) % _small.Length;
        _smallCount -= into.Length;
    }
}
