using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Sends a lane's frames. A pump drains the queue: headers and payloads up to <see cref="ByteLane.CopiedBytes"/> are gathered in a buffer
/// and written together, larger payloads are written from where they are, in pieces whose checksum is computed just before.
/// </summary>
internal sealed class LaneSender(ByteLane lane, int capacity, LinkNotices? notices, TimeProvider time)
{
    private readonly int _largestCopied = FrameCode.HeadBytes + lane.CopiedBytes + FrameCode.TrailBytes;
    private readonly FrameQueue _queue = new(capacity);
    private readonly LaneSignal _work = notices?.Asked ?? new LaneSignal();
    private readonly LaneTurn _turn = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LinkLimits.BufferBytes, pinned: true);
    private readonly UnmanagedMemory _memory = new();
    private readonly XxHash3 _hash = new();
    private QueuedFrame _frame;
    private int _filled;
    private long _number;
    private long _writingSince;
    private volatile bool _stopped;

    /// <summary>Since when a write waits for the other side, as a timestamp; 0: none does.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>Frames that were sent; a value read while the pump runs may be slightly old.</summary>
    public long Frames { get; private set; }

    /// <summary>Bytes of their payloads.</summary>
    public long Bytes { get; private set; }

    /// <summary>Frames that wait to be sent.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Enqueues a frame with a copied payload.</summary>
    public FrameQueue.Addition Send(in FrameHeader header, ReadOnlySpan<byte> small)
    {
        FrameQueue.Addition addition = _queue.Add(header, small);
        _work.Raise();
        return addition;
    }

    /// <summary>Enqueues a frame.</summary>
    public FrameQueue.Addition Send(in FrameHeader header, ReadOnlySpan<PayloadPart> parts, long payloadBytes, IFrameSent? sent)
    {
        FrameQueue.Addition addition = _queue.Add(header, parts, payloadBytes, sent);
        _work.Raise();
        return addition;
    }

    /// <summary>Takes no more frames, and ends the pump; what a farewell says is written before.</summary>
    public void Stop()
    {
        _queue.Close();
        _stopped = true;
        _work.Raise();
    }

    /// <summary>Gives back what was not sent. After <see cref="RunAsync"/> has ended.</summary>
    public void Release()
    {
        Span<byte> small = stackalloc byte[LinkLimits.SmallBytes];
        _frame.Sent?.Sent();
        _frame = default;
        while (_queue.TryTake(ref _frame, small))
        {
            _frame.Sent?.Sent();
        }

        _frame = default;
    }

    /// <summary>Sends until <see cref="Stop"/>, or until the lane fails.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            bool stopped = _stopped;
            while (notices is not null && notices.TryTake(time.GetTimestamp(), out FrameHeader notice))
            {
                AppendHead(notice);
            }

            if (_buffer.Length - _filled < _largestCopied + FrameCode.HeadBytes + LinkNotices.FarewellBytes)
            {
                await FlushAsync();
            }

            if (stopped)
            {
                AppendFarewell();
                await FlushAsync();
                return;
            }

            if (!TakeFrame())
            {
                if (_filled > 0)
                {
                    await FlushAsync();
                }
                else
                {
                    await _work.WaitAsync();
                }
            }
            else if (_frame.Header.PayloadBytes > lane.CopiedBytes)
            {
                await WriteLargeAsync();
            }
            else
            {
                AppendCopied();
            }
        }
    }

    /// <summary>Takes the next frame; a small payload is put where it belongs, behind the header.</summary>
    private bool TakeFrame() => _queue.TryTake(ref _frame, _buffer.AsSpan(_filled + FrameCode.HeadBytes, LinkLimits.SmallBytes));

    private void AppendHead(in FrameHeader header)
    {
        FrameCode.WriteHead(_buffer.AsSpan(_filled), header, _number++);
        _filled += FrameCode.HeadBytes;
    }

    private void AppendCopied()
    {
        AppendHead(_frame.Header);
        int bytes = (int)_frame.Header.PayloadBytes;
        if (bytes > 0)
        {
            Span<byte> payload = _buffer.AsSpan(_filled, bytes);
            Span<byte> rest = payload;
            for (int i = 0; i < _frame.PartCount; i++)
            {
                PayloadPart part = _frame.Parts[i];
                UnmanagedMemory.Bytes(part.Pointer, (int)part.Bytes).CopyTo(rest);
                rest = rest[(int)part.Bytes..];
            }

            _filled += bytes;
            if (lane.ChecksPayloads)
            {
                AppendTrail(XxHash3.HashToUInt64(payload));
            }
        }

        Done();
    }

    private void AppendFarewell()
    {
        if (notices?.Farewell is { Length: > 0 } farewell)
        {
            AppendHead(new FrameHeader { Kind = LinkNotices.FarewellKind, PayloadBytes = farewell.Length });
            farewell.CopyTo(_buffer.AsSpan(_filled));
            _filled += farewell.Length;
            AppendTrail(XxHash3.HashToUInt64(farewell));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteLargeAsync()
    {
        AppendHead(_frame.Header);
        _hash.Reset();
        int lead = AppendLead();
        await FlushAsync();
        for (int i = 0; i < _frame.PartCount; i++)
        {
            PayloadPart part = _frame.Parts[i];
            for (long done = i == 0 ? lead : 0; done < part.Bytes;)
            {
                int piece = (int)Math.Min(lane.PieceBytes, part.Bytes - done);
                Memory<byte> bytes = _memory.Show(part.Pointer + (nint)done, piece);
                Hash(bytes.Span);
                await WriteAsync(bytes);
                done += piece;
            }
        }

        if (lane.ChecksPayloads)
        {
            AppendTrail(_hash.GetCurrentHashAsUInt64());
        }

        Done();
    }

    /// <summary>Copies the beginning of the first part behind the header: a reader is not to be woken for the header alone.</summary>
    private int AppendLead()
    {
        int lead = (int)Math.Min(lane.LeadBytes, _frame.Parts[0].Bytes);
        Span<byte> copy = _buffer.AsSpan(_filled, lead);
        UnmanagedMemory.Bytes(_frame.Parts[0].Pointer, lead).CopyTo(copy);
        Hash(copy);
        _filled += lead;
        return lead;
    }

    private void Hash(ReadOnlySpan<byte> bytes)
    {
        if (lane.ChecksPayloads)
        {
            _hash.Append(bytes);
        }
    }

    private void AppendTrail(ulong checksum)
    {
        MemoryMarshal.Write(_buffer.AsSpan(_filled), checksum);
        _filled += FrameCode.TrailBytes;
    }

    private void Done()
    {
        IFrameSent? sent = _frame.Sent;
        Frames++;
        Bytes += _frame.Header.PayloadBytes;
        _frame = default;
        sent?.Sent();
    }

    private ValueTask FlushAsync()
    {
        int bytes = _filled;
        _filled = 0;
        return bytes == 0 ? default : WriteAsync(_buffer.AsMemory(0, bytes));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        await lane.WriteAsync(bytes);
        Volatile.Write(ref _writingSince, 0);
        await _turn.AfterAsync(bytes.Length);
    }
}
