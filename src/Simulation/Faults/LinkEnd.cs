using System.Runtime.InteropServices;
using Actors.Runtime.Peers;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>
/// One side of a simulated link: frames of a lane arrive in order, each after a time that the seed draws; lanes overtake each other. A
/// payload is read when it is sent or when it arrives, as the seed draws, so that who writes into it too early is noticed.
/// </summary>
internal sealed class LinkEnd : PeerLink
{
    private const int LaneCount = 4;
    private readonly SimulatedLinks _links;
    private readonly IFrameSink _sink;
    private readonly int _queueFrames;
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, LaneCount).Select(_ => new Lane())];
    private readonly TaskCompletionSource _completion = new();
    private bool _hasEnded;
    private long _silentSince;

    public LinkEnd(SimulatedLinks links, SimulatedProcess home, int epoch, int peer, IFrameSink sink, int queueFrames) =>
        (_links, Home, Epoch, Peer, _sink, _queueFrames) = (links, home, epoch, peer, sink, queueFrames);

    public SimulatedProcess Home { get; }

    /// <summary>The placement's.</summary>
    public int Epoch { get; }

    /// <summary>Whether it is one of serving.</summary>
    public bool Serves { get; init; }

    /// <summary>The other side.</summary>
    public LinkEnd Other { get; set; } = null!;

    public override int Peer { get; }

    public override string Name => $"process {Peer} ({Other.Home.Name})";

    public override int Lanes => LaneCount;

    /// <summary>What both sides read and write; null: nothing.</summary>
    public DeviceBuffer? Memory { get; set; }

    public override bool SharesMemory => Memory is not null;

    public override DeviceBuffer? Shared => Memory;

    public override long ClockOffset => 0;

    public override bool HasEnded => _hasEnded;

    public override Task Completion => _completion.Task;

    /// <summary>Frames that were sent and delivered, by kind, over the life of the link.</summary>
    public FrameCounts Counts { get; } = new();

    /// <summary>Whether a payload is under way to the other side.</summary>
    public bool CarriesPayload => Array.Exists(_lanes, lane => lane.Frames.Any(frame => frame.Bytes > 0));

    public override void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small) => Enqueue(lane, new Frame(header, small.ToArray()));

    public override void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent)
    {
        var frame = new Frame(header, parts, sent);
        if (_hasEnded || frame.Bytes == 0 || _links.Loop.Draw(2) == 0)
        {
            frame.Read();
        }

        Enqueue(lane, frame);
    }

    public override void End(string reason)
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        foreach (Lane lane in _lanes)
        {
            foreach (Frame frame in lane.Frames)
            {
                frame.Read();
            }

            lane.Frames.Clear();
        }

        SimulationLoop loop = _links.Loop;
        loop.At(loop.Now + _links.Network.DrawDelay(), () => Over(reason), Home.Turns);
        loop.At(loop.Now + _links.Network.DrawDelay(), () => BidFarewell(reason), Home.Turns);
    }

    public override void Dispose() => End($"the link to {Name} was closed here");

    /// <summary>What was sent and could not arrive during a partition.</summary>
    public void Resume()
    {
        foreach (Lane lane in _lanes)
        {
            for (; lane.Stalled > 0; lane.Stalled--)
            {
                _links.Loop.At(_links.Loop.Now + _links.Network.DrawDelay(), () => Arrive(lane), Other.Home.Turns);
            }
        }
    }

    /// <summary>The process has ended: what its host had not yet taken is lost.</summary>
    public void Vanish()
    {
        if (_links.Loop.Draw(2) == 0)
        {
            Array.ForEach(_lanes, lane => lane.Frames.Clear());
        }
    }

    /// <summary>Looks for signs of life.</summary>
    public void Watch()
    {
        if (_hasEnded)
        {
            return;
        }

        SimulationLoop loop = _links.Loop;
        bool answers = _links.Network.Answers(Home, Other.Home);
        _silentSince = answers ? 0 : _silentSince == 0 ? loop.Now : _silentSince;
        if (!answers && loop.Now - _silentSince > _links.Silence.Ticks)
        {
            End($"{Name} gave no sign of life for {_links.Silence.TotalSeconds:0.###} s (silence-timeout)");
            return;
        }

        loop.At(loop.Now + TimeSpan.TicksPerSecond, Watch, Home.Turns);
    }

    private void Enqueue(int number, Frame frame)
    {
        if (_hasEnded)
        {
            return;
        }

        Lane lane = _lanes[number];
        if (lane.Frames.Count == _queueFrames)
        {
            frame.Read();
            string reason = $"{Name}, lane {number}: {_queueFrames} frames wait to be sent and one more came";
            End(reason);
            throw new PeerLinkException(reason);
        }

        lane.Frames.AddLast(frame);
        Counts.Sent(frame.Header);
        lane.Due = Math.Max(lane.Due, _links.Loop.Now + _links.Network.DrawDelay());
        _links.Loop.At(lane.Due, () => Arrive(lane), Other.Home.Turns);
    }

    /// <summary>The next frame of a lane reaches the other side.</summary>
    private void Arrive(Lane lane)
    {
        if (!_links.Network.Connects(Home, Other.Home))
        {
            lane.Stalled++;
            return;
        }

        if (lane.Frames.First is not { } first || Other._hasEnded)
        {
            return;
        }

        LinkedListNode<Frame> taken = _links.Sabotage == Sabotage.ReorderedLane ? lane.Frames.Last! : first;
        lane.Frames.Remove(taken);
        taken.Value.Read();
        if (_links.Sabotage == Sabotage.FlippedBit && lane == _lanes[FrameLane] && taken.Value.Bytes > 0)
        {
            taken.Value.Payload![0] ^= 1;
        }

        Other.Take(taken.Value);
    }

    private void Take(Frame frame)
    {
        try
        {
            FrameHeader header = frame.Header;
            header.PayloadBytes = frame.Bytes;
            if (frame.Bytes > 0)
            {
                Span<PayloadPart> places = stackalloc PayloadPart[PayloadPart.Most];
                int count = _sink.Reserve(this, header, places);
                Write(frame.Payload!, places[..count]);
            }

            _sink.Arrived(this, header);
        }
        catch (FrameRefusedException refused)
        {
            _links.Refused($"{Home.Name} refused a frame of {Other.Home.Name}: {refused.Message}");
            End($"{Name}: {refused.Message}");
        }
    }

    private static void Write(byte[] payload, ReadOnlySpan<PayloadPart> places)
    {
        int written = 0;
        foreach (PayloadPart place in places)
        {
            Marshal.Copy(payload, written, place.Pointer, (int)place.Bytes);
            written += (int)place.Bytes;
        }
    }

    private void Over(string reason)
    {
        _sink.Ended(this, reason);
        _completion.SetResult();
    }

    /// <summary>Tells the other side as soon as it is reached.</summary>
    private void BidFarewell(string reason)
    {
        if (_links.Network.Connects(Home, Other.Home))
        {
            _links.Loop.At(_links.Loop.Now, () => Other.End($"{Other.Name} ended the link: {reason}"), Other.Home.Turns);
        }
        else if (!Other._hasEnded)
        {
            _links.Loop.At(_links.Loop.Now + TimeSpan.TicksPerSecond, () => BidFarewell(reason), Home.Turns);
        }
    }

    private sealed class Lane
    {
        public LinkedList<Frame> Frames { get; } = [];

        public long Due { get; set; }

        public int Stalled { get; set; }
    }

    /// <summary>A frame on its way.</summary>
    private sealed class Frame
    {
        private readonly PayloadPart[] _parts;
        private IFrameSent? _sent;

        public Frame(in FrameHeader header, byte[] payload) => (Header, Payload, Bytes, _parts) = (header, payload, payload.Length, []);

        public Frame(in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent)
        {
            (Header, _parts, _sent) = (header, parts.ToArray(), sent);
            foreach (PayloadPart part in _parts)
            {
                Bytes += (int)part.Bytes;
            }
        }

        public FrameHeader Header { get; }

        public int Bytes { get; }

        public byte[]? Payload { get; private set; }

        /// <summary>Reads the payload, where it has not been read, and says so.</summary>
        public void Read()
        {
            if (Payload is null)
            {
                Payload = new byte[Bytes];
                int read = 0;
                foreach (PayloadPart part in _parts)
                {
                    Marshal.Copy(part.Pointer, Payload, read, (int)part.Bytes);
                    read += (int)part.Bytes;
                }
            }

            _sent?.Sent();
            _sent = null;
        }
    }
}
