using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Reads a lane's frames. Headers and small payloads come through a buffer, many in one read; larger payloads are read to where the sink
/// wants them. A frame is handed on when its checksum is right.
/// </summary>
internal sealed class LaneReader(ByteLane lane, long mostFrameBytes, IFrameTarget target)
{
    private readonly LaneTurn _turn = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LinkLimits.BufferBytes, pinned: true);
    private readonly UnmanagedMemory _memory = new();
    private readonly XxHash3 _hash = new();
    private readonly PayloadPart[] _places = new PayloadPart[PayloadPart.Most];
    private readonly byte[] _notice = GC.AllocateUninitializedArray<byte>(LinkNotices.FarewellBytes, pinned: true);
    private FrameHeader _header;
    private int _start, _end;
    private bool _readsInPlace;
    private long _number;

    private int Buffered => _end - _start;

    /// <summary>Reads until the other side ends the lane.</summary>
    /// <exception cref="FrameRefusedException">A frame is broken or cannot be taken.</exception>
    public async Task RunAsync()
    {
        while (await FillAsync(FrameCode.HeadBytes, mayEnd: true))
        {
            ReadHead();
            _readsInPlace = false;
            if (_header.PayloadBytes > 0)
            {
                await ReadPayloadAsync(Reserve());
            }

            if (_header.Kind < 0)
            {
                target.Noticed(_header, _notice);
            }
            else
            {
                target.Arrived(ref _header);
            }
        }
    }

    private void ReadHead()
    {
        if (!FrameCode.TryReadHead(_buffer.AsSpan(_start), _number, out _header))
        {
            throw new FrameRefusedException($"the header of frame {_number} has a wrong checksum");
        }

        _number++;
        _start += FrameCode.HeadBytes;
        if (_header.PayloadBytes < 0 || _header.PayloadBytes > mostFrameBytes)
        {
            throw new FrameRefusedException(
                $"frame {_number - 1} of kind {_header.Kind} has {_header.PayloadBytes} bytes, and at most {mostFrameBytes} are taken (max-frame-bytes)");
        }
    }

    private int Reserve()
    {
        int places;
        if (_header.Kind < 0)
        {
            _places[0] = new PayloadPart(Marshal.UnsafeAddrOfPinnedArrayElement(_notice, 0), Math.Min(_header.PayloadBytes, LinkNotices.FarewellBytes));
            places = 1;
        }
        else
        {
            places = target.Reserve(_header, _places);
        }

        long bytes = (uint)places <= (uint)_places.Length ? PayloadPart.Total(_places.AsSpan(0, places)) : -1;
        return bytes == _header.PayloadBytes
            ? places
            : throw new FrameRefusedException($"a frame of kind {_header.Kind} has {_header.PayloadBytes} bytes, and there is place for {bytes}");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadPayloadAsync(int places)
    {
        _hash.Reset();
        for (int i = 0; i < places; i++)
        {
            PayloadPart place = _places[i];
            long done = TakeBuffered(place, 0);
            while (done < place.Bytes)
            {
                if (place.Bytes - done <= lane.CopiedBytes)
                {
                    await FillAsync((int)(place.Bytes - done), mayEnd: false);
                    done += TakeBuffered(place, done);
                    continue;
                }

                Memory<byte> rest = _memory.Show(place.Pointer + (nint)done, (int)Math.Min(lane.PieceBytes, place.Bytes - done));
                int read = await lane.ReadAsync(rest, rest.Length);
                if (read == 0)
                {
                    throw Torn();
                }

                Hash(rest.Span[..read]);
                done += read;
                _readsInPlace = true;
                await _turn.AfterAsync(read);
            }
        }

        if (lane.ChecksPayloads)
        {
            await FillAsync(FrameCode.TrailBytes, mayEnd: false);
            CheckPayload();
        }
    }

    private void CheckPayload()
    {
        ulong expected = MemoryMarshal.Read<ulong>(_buffer.AsSpan(_start));
        _start += FrameCode.TrailBytes;
        if (expected != _hash.GetCurrentHashAsUInt64())
        {
            throw new FrameRefusedException($"the payload of frame {_number - 1} has a wrong checksum");
        }
    }

    private void Hash(ReadOnlySpan<byte> bytes)
    {
        if (lane.ChecksPayloads)
        {
            _hash.Append(bytes);
        }
    }

    /// <summary>Moves what the buffer has of a payload to its place.</summary>
    private int TakeBuffered(PayloadPart place, long done)
    {
        int bytes = (int)Math.Min(Buffered, place.Bytes - done);
        ReadOnlySpan<byte> taken = _buffer.AsSpan(_start, bytes);
        taken.CopyTo(UnmanagedMemory.Bytes(place.Pointer + (nint)done, bytes));
        Hash(taken);
        _start += bytes;
        return bytes;
    }

    /// <summary>
    /// Reads until the buffer holds so many bytes. After a payload that was read in place no more than the checksum and the next header is
    /// read, since the next payload is likely to be as large.
    /// </summary>
    /// <returns>Whether it does; false where the lane has ended and may.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(int needed, bool mayEnd)
    {
        if (Buffered >= needed)
        {
            return true;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, Buffered).CopyTo(_buffer);
            (_start, _end) = (0, Buffered);
        }

        int most = _readsInPlace ? (lane.ChecksPayloads ? FrameCode.TrailBytes : 0) + FrameCode.HeadBytes : _buffer.Length;
        while (Buffered < needed)
        {
            int read = await lane.ReadAsync(_buffer.AsMemory(_end, Math.Max(most, needed) - _end), needed - Buffered);
            if (read == 0)
            {
                return mayEnd && Buffered == 0 ? false : throw Torn();
            }

            _end += read;
            await _turn.AfterAsync(read);
        }

        return true;
    }

    private EndOfStreamException Torn() => new($"the connection ended inside frame {_number}");
}
