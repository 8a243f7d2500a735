using System.Threading.Channels;
using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>One end of a link inside a process: copies what is sent, and hands it to the other end's sink on a task for each lane.</summary>
internal sealed class CopyingLink : PeerLink
{
    private readonly Channel<(FrameHeader Header, byte[] Payload)>[] _lanes;
    private readonly List<Task> _readers = [];

    private CopyingLink(int peer, int lanes) =>
        (Peer, _lanes) = (peer, [.. Enumerable.Range(0, lanes).Select(_ => Channel.CreateUnbounded<(FrameHeader, byte[])>())]);

    public override int Peer { get; }

    public override string Name => $"process {Peer}";

    public override int Lanes => _lanes.Length;

    public override bool SharesMemory => false;

    public override DeviceBuffer? Shared => null;

    public override long ClockOffset => 0;

    public override bool HasEnded => false;

    public override Task Completion => Task.WhenAll(_readers);

    /// <summary>Frames that this end has sent.</summary>
    public int FramesSent { get; private set; }

    /// <summary>Two ends, of process 0 and of process 1.</summary>
    public static (CopyingLink Zero, CopyingLink One) Pair(int zero, int one, int lanes) => (new CopyingLink(one, lanes), new CopyingLink(zero, lanes));

    /// <summary>Hands what the other end sends to a sink.</summary>
    public void Read(CopyingLink other, IFrameSink sink)
    {
        foreach (Channel<(FrameHeader Header, byte[] Payload)> lane in other._lanes)
        {
            _readers.Add(Task.Run(() => ReadAsync(lane.Reader, sink)));
        }
    }

    public override void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small) => Enqueue(lane, header, small.ToArray());

    public override unsafe void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent)
    {
        using var payload = new MemoryStream();
        foreach (PayloadPart part in parts)
        {
            payload.Write(new ReadOnlySpan<byte>((void*)part.Pointer, checked((int)part.Bytes)));
        }

        Enqueue(lane, header, payload.ToArray());
        sent?.Sent();
    }

    public override void End(string reason) => Array.ForEach(_lanes, lane => lane.Writer.TryComplete());

    public override void Dispose() => End("disposed");

    private static unsafe void Fill(ReadOnlySpan<PayloadPart> places, ReadOnlySpan<byte> payload)
    {
        foreach (PayloadPart place in places)
        {
            payload[..checked((int)place.Bytes)].CopyTo(new Span<byte>((void*)place.Pointer, checked((int)place.Bytes)));
            payload = payload[checked((int)place.Bytes)..];
        }
    }

    private async Task ReadAsync(ChannelReader<(FrameHeader Header, byte[] Payload)> lane, IFrameSink sink)
    {
        await foreach ((FrameHeader header, byte[] payload) in lane.ReadAllAsync())
        {
            if (payload.Length > 0)
            {
                Reserve(sink, header, payload);
            }

            sink.Arrived(this, header);
        }
    }

    private void Reserve(IFrameSink sink, FrameHeader header, byte[] payload)
    {
        Span<PayloadPart> places = stackalloc PayloadPart[PayloadPart.Most];
        Fill(places[..sink.Reserve(this, header, places)], payload);
    }

    private void Enqueue(int lane, FrameHeader header, byte[] payload)
    {
        FramesSent++;
        header.PayloadBytes = payload.Length;
        _lanes[lane].Writer.TryWrite((header, payload));
    }
}
