using System.Text;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// What a link says to the other side on the control lane besides the users' frames. Each notice has one place and is sent once however
/// often it is asked for, so notices need no queue.
/// </summary>
internal sealed class LinkNotices
{
    /// <summary>Wake lanes of shared memory: A has a bit for each lane whose reader sleeps, B for each whose writer does.</summary>
    public const int WakeKind = -1;

    /// <summary>Are you there; Time is the sender's clock.</summary>
    public const int PingKind = -2;

    /// <summary>Here; A and B are the ping's time, Time is the sender's clock.</summary>
    public const int PongKind = -3;

    /// <summary>The link is over; the payload says why.</summary>
    public const int FarewellKind = -4;

    /// <summary>Most bytes of a farewell.</summary>
    public const int FarewellBytes = 1024;

    private int _readers, _writers;
    private int _ping;
    private long _pong;

    /// <summary>Raised when there is a notice to send; the control lane's pump waits for it.</summary>
    public LaneSignal Asked { get; } = new();

    /// <summary>Why the link is over.</summary>
    public byte[]? Farewell { get; private set; }

    /// <summary>Asks for a sign of life.</summary>
    public void Ping()
    {
        Volatile.Write(ref _ping, 1);
        Asked.Raise();
    }

    /// <summary>Answers a ping.</summary>
    public void Pong(long pinged)
    {
        Volatile.Write(ref _pong, pinged);
        Asked.Raise();
    }

    /// <summary>Wakes the reader of a lane.</summary>
    public void WakeReader(int lane)
    {
        Interlocked.Or(ref _readers, 1 << lane);
        Asked.Raise();
    }

    /// <summary>Wakes the writer of a lane.</summary>
    public void WakeWriter(int lane)
    {
        Interlocked.Or(ref _writers, 1 << lane);
        Asked.Raise();
    }

    /// <summary>Says why the link is over.</summary>
    public void BidFarewell(string reason)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(reason);
        Farewell = bytes.Length <= FarewellBytes ? bytes : bytes[..FarewellBytes];
    }

    /// <summary>The reason that the other side gave, as one line.</summary>
    public static string ReadFarewell(ReadOnlySpan<byte> payload)
    {
        string reason = Encoding.UTF8.GetString(payload);
        return string.Concat(reason.Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary>The next notice, if there is one.</summary>
    public bool TryTake(long now, out FrameHeader notice)
    {
        notice = default;
        if ((_readers | _writers) != 0)
        {
            notice = new FrameHeader { Kind = WakeKind, A = Interlocked.Exchange(ref _readers, 0), B = Interlocked.Exchange(ref _writers, 0) };
            return true;
        }

        long pinged = Interlocked.Exchange(ref _pong, 0);
        if (pinged != 0)
        {
            notice = new FrameHeader { Kind = PongKind, A = (int)pinged, B = (int)(pinged >> 32), Time = now };
            return true;
        }

        if (Interlocked.Exchange(ref _ping, 0) != 0)
        {
            notice = new FrameHeader { Kind = PingKind, Time = now };
            return true;
        }

        return false;
    }
}
