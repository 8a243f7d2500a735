using System.Runtime.CompilerServices;
using Actors.Runtime.Peers.Memory;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>A lane over two rings in shared memory. Who sleeps is woken by a notice on the control lane.</summary>
internal sealed class RingLane(int lane, SharedRing outgoing, SharedRing incoming, LinkNotices notices) : ByteLane
{
    /// <summary>Looks at a ring that often before sleeping: a wake costs two turns of the thread pool and a packet.</summary>
    private const int Looks = 20;

    private readonly LaneSignal _room = new();
    private readonly LaneSignal _bytes = new();
    private volatile bool _disposed;

    /// <summary>Less than a core's L2 cache: a piece is read twice, for its checksum and for the copy.</summary>
    public override int PieceBytes => 64 << 10;

    public override int CopiedBytes => 8 << 10;

    public override int LeadBytes => 0;

    /// <summary>Payloads stay in this host's memory, as those between actors of one process do.</summary>
    public override bool ChecksPayloads => false;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        int done = Write(bytes.Span);
        return done == bytes.Length ? default : WriteRestAsync(bytes[done..]);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> bytes, int needed)
    {
        int read = Read(bytes.Span);
        return read > 0 ? new ValueTask<int>(read) : ReadLaterAsync(bytes);
    }

    public override void Wake(bool reader, bool writer)
    {
        if (reader)
        {
            _bytes.Raise();
        }

        if (writer)
        {
            _room.Raise();
        }
    }

    public override void Dispose()
    {
        _disposed = true;
        Wake(reader: true, writer: true);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> bytes)
    {
        var spin = new SpinWait();
        while (!bytes.IsEmpty)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int done = Write(bytes.Span);
            bytes = bytes[done..];
            if (done > 0)
            {
                spin.Reset();
            }
            else if (spin.Count < Looks)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
            else
            {
                if (outgoing.WriterMaySleep())
                {
                    await _room.WaitAsync();
                }

                outgoing.WriterWakes();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadLaterAsync(Memory<byte> bytes)
    {
        var spin = new SpinWait();
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int read = Read(bytes.Span);
            if (read > 0)
            {
                return read;
            }

            if (spin.Count < Looks)
            {
                spin.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            if (incoming.ReaderMaySleep())
            {
                await _bytes.WaitAsync();
            }

            incoming.ReaderWakes();
        }
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        int done = outgoing.Write(bytes, out bool wakes);
        if (wakes)
        {
            notices.WakeReader(lane);
        }

        return done;
    }

    private int Read(Span<byte> bytes)
    {
        int read = incoming.Read(bytes, out bool wakes);
        if (wakes)
        {
            notices.WakeWriter(lane);
        }

        return read;
    }
}
