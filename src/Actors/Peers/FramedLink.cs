using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers.Lanes;
using Actors.Runtime.Peers.Memory;
using Actors.Tensors;

namespace Actors.Runtime.Peers;

/// <summary>A link over byte lanes, which may be connections or rings in shared memory.</summary>
internal sealed class FramedLink : PeerLink
{
    /// <summary>How long the other side may take to read why the link is over, and how long a lost lane waits for the reason on the control lane.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly LinkEnvironment _environment;
    private readonly ByteLane[] _lanes;
    private readonly LaneSender[] _senders;
    private readonly Task[] _pumps;
    private readonly Task[] _readers;
    private readonly LinkMemory? _memory;
    private readonly LinkNotices _notices;
    private readonly ClockEstimate _clock;
    private readonly long _silenceTicks;
    private readonly ReadCount[] _read;
    private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _reason;
    private long _heard;

    /// <summary>Makes the link; <see cref="Start"/> starts it.</summary>
    public FramedLink(
        int peer, string name, ByteLane[] lanes, LinkMemory? memory, LinkNotices notices, ClockEstimate clock, LinkEnvironment environment)
    {
        (Peer, Name, _lanes, _memory, _notices, _clock, _environment) = (peer, name, lanes, memory, notices, clock, environment);
        _silenceTicks = (long)(environment.Settings.SilenceTimeout.TotalSeconds * environment.Time.TimestampFrequency);
        _senders = new LaneSender[lanes.Length];
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            _senders[lane] = new LaneSender(lanes[lane], environment.Settings.QueueFrames, lane == ControlLane ? notices : null, environment.Time);
        }

        _pumps = new Task[lanes.Length];
        _readers = new Task[lanes.Length];
        _read = [.. lanes.Select(_ => new ReadCount())];
    }

    public override int Peer { get; }

    public override string Name { get; }

    public override int Lanes => _lanes.Length;

    public override bool SharesMemory => _memory is not null;

    public override DeviceBuffer? Shared => _memory?.Shared;

    public override long ClockOffset => _clock.Offset;

    public override bool HasEnded => Volatile.Read(ref _reason) is not null;

    public override Task Completion => _completion.Task;

    /// <summary>The least of the last round trips; null: there was none yet.</summary>
    internal TimeSpan? RoundTrip => _clock.LeastRoundTrip is not long.MaxValue and var ticks ? _environment.Time.GetElapsedTime(0, ticks) : null;

    /// <summary>The clocks' exchange that decided <see cref="ClockOffset"/>.</summary>
    internal long LeastRoundTrip => _clock.LeastRoundTrip;

    /// <summary>What crossed so far; values read while the link works may be slightly old.</summary>
    internal LinkCounts Counts => new(
        _senders.Sum(sender => sender.Frames), _senders.Sum(sender => sender.Bytes), _read.Sum(lane => lane.Frames), _read.Sum(lane => lane.Bytes));

    /// <summary>Frames that wait to be sent.</summary>
    internal int Waiting => HasEnded ? 0 : _senders.Sum(sender => sender.Waiting);

    /// <summary>Starts to send and read.</summary>
    public void Start()
    {
        _environment.Meters?.Opened(this);
        Volatile.Write(ref _heard, _environment.Time.GetTimestamp());
        for (int i = 0; i < _lanes.Length; i++)
        {
            int lane = i;
            _pumps[lane] = Task.Run(() => PumpAsync(lane));
            _readers[lane] = Task.Run(() => ReadAsync(lane));
        }

        _ = EndAsync();
        _ = FreeAsync();
    }

    public override void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small)
    {
        Check(header, small.Length, LinkLimits.SmallBytes);
        if (_senders[lane].Send(header, small) == FrameQueue.Addition.Full)
        {
            throw Overflow(lane);
        }
    }

    public override void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, PayloadPart.Most, nameof(parts));
        long bytes = PayloadPart.Total(parts);
        Check(header, bytes, _environment.Settings.MaxFrameBytes);
        FrameQueue.Addition addition = _senders[lane].Send(header, parts, bytes, sent);
        if (addition == FrameQueue.Addition.Added)
        {
            return;
        }

        sent?.Sent();
        if (addition == FrameQueue.Addition.Full)
        {
            throw Overflow(lane);
        }
    }

    public override void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ending.TrySetResult();
        }
    }

    public override void Dispose()
    {
        End($"the link to {Name} was closed here");
        _disposed.TrySetResult();
    }

    private static void Check(in FrameHeader header, long bytes, long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(header.Kind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, most);
    }

    private PeerLinkException Overflow(int lane)
    {
        string reason = $"{Name}, lane {lane}: {_environment.Settings.QueueFrames} frames wait to be sent and one more came; "
            + "the sender has more under way than its credits allow, or queue-frames is too small";
        End(reason);
        return new PeerLinkException(reason);
    }

    private async Task PumpAsync(int lane)
    {
        try
        {
            await _senders[lane].RunAsync();
        }
        catch (Exception failure)
        {
            await LostAsync(lane, failure);
        }
    }

    private async Task ReadAsync(int lane)
    {
        try
        {
            await new LaneReader(_lanes[lane], _environment.Settings.MaxFrameBytes, new Target(this, lane)).RunAsync();
            await LostAsync(lane, null);
        }
        catch (FrameRefusedException refused)
        {
            End($"{Name}, lane {lane}: {refused.Message}");
        }
        catch (Exception failure)
        {
            await LostAsync(lane, failure);
        }
    }

    /// <summary>
    /// A lane is over. Where the other side ended the link, its reason comes on the control lane, perhaps a moment after another lane broke.
    /// </summary>
    private async Task LostAsync(int lane, Exception? failure)
    {
        if (HasEnded)
        {
            return;
        }

        if (failure is not (null or IOException or ObjectDisposedException))
        {
            End($"{Name}, lane {lane}: {failure.GetType().Name}: {failure.Message}");
            return;
        }

        if (lane != ControlLane)
        {
            await Task.WhenAny(_ending.Task, Task.Delay(FarewellTime));
        }

        End(failure is null
            ? $"{Name} closed the connection: the process has ended, or let the link go"
            : $"{Name}: the connection is lost ({failure.Message})");
    }

    private async Task EndAsync()
    {
        TimeSpan interval = _environment.Settings.PingInterval;
        using (_environment.Time.CreateTimer(static link => ((FramedLink)link!).Watch(), this, TimeSpan.Zero, interval))
        {
            await _ending.Task;
        }

        _notices.BidFarewell(_reason!);
        foreach (LaneSender sender in _senders)
        {
            sender.Stop();
        }

        await Task.WhenAny(_pumps[ControlLane], Task.Delay(FarewellTime));
        foreach (ByteLane lane in _lanes)
        {
            lane.Dispose();
        }

        await Task.WhenAll([.. _pumps, .. _readers]);
        foreach (LaneSender sender in _senders)
        {
            sender.Release();
        }

        LinkLog.Ended(_environment.Log, _reason!);
        _environment.Meters?.Ended(this);
        try
        {
            _environment.Sink.Ended(this, _reason!);
        }
        finally
        {
            _completion.TrySetResult();
        }
    }

    private async Task FreeAsync()
    {
        await Task.WhenAll(_completion.Task, _disposed.Task);
        _memory?.Dispose();
    }

    /// <summary>Looks for signs of life, and asks for one.</summary>
    private void Watch()
    {
        long now = _environment.Time.GetTimestamp();
        if (now - Volatile.Read(ref _heard) > _silenceTicks)
        {
            End($"{Name} gave no sign of life for {_environment.Settings.SilenceTimeout.TotalSeconds:0.###} s (silence-timeout)");
            return;
        }

        for (int lane = 0; lane < _senders.Length; lane++)
        {
            long since = _senders[lane].WritingSince;
            if (since != 0 && now - since > _silenceTicks)
            {
                End($"{Name} has read nothing of lane {lane} for {_environment.Settings.SilenceTimeout.TotalSeconds:0.###} s (silence-timeout)");
                return;
            }
        }

        _notices.Ping();
    }

    private void Noticed(in FrameHeader notice, ReadOnlySpan<byte> payload)
    {
        switch (notice.Kind)
        {
            case LinkNotices.WakeKind:
                for (int lane = FrameLane; lane < _lanes.Length; lane++)
                {
                    _lanes[lane].Wake(reader: (notice.A >> lane & 1) != 0, writer: (notice.B >> lane & 1) != 0);
                }

                break;
            case LinkNotices.PingKind:
                _notices.Pong(notice.Time);
                break;
            case LinkNotices.PongKind:
                _clock.Add((uint)notice.A | (long)notice.B << 32, notice.Time, _environment.Time.GetTimestamp());
                break;
            case LinkNotices.FarewellKind:
                End($"{Name} ended the link: {LinkNotices.ReadFarewell(payload[..(int)notice.PayloadBytes])}");
                break;
            default:
                throw new FrameRefusedException($"a notice of kind {notice.Kind} is unknown");
        }
    }

    /// <summary>What a lane's reader has handed on; its own.</summary>
    private sealed class ReadCount
    {
        public long Frames { get; private set; }

        public long Bytes { get; private set; }

        public void Add(long bytes)
        {
            Frames++;
            Bytes += bytes;
        }
    }

    private sealed class Target(FramedLink link, int lane) : IFrameTarget
    {
        private readonly IFrameSink _sink = link._environment.Sink;

        public int Reserve(in FrameHeader header, Span<PayloadPart> places) => _sink.Reserve(link, header, places);

        public void Arrived(ref FrameHeader header)
        {
            Heard();
            link._read[lane].Add(header.PayloadBytes);
            if (header.Time != 0)
            {
                header.Time -= link.ClockOffset;
            }

            _sink.Arrived(link, header);
        }

        public void Noticed(in FrameHeader header, ReadOnlySpan<byte> payload)
        {
            if (lane != ControlLane)
            {
                throw new FrameRefusedException($"a notice of kind {header.Kind} came on a lane of frames");
            }

            Heard();
            link.Noticed(header, payload);
        }

        private void Heard()
        {
            if (lane == ControlLane)
            {
                Volatile.Write(ref link._heard, link._environment.Time.GetTimestamp());
            }
        }
    }
}
