using System.Collections.Concurrent;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>Links that look at what they are given to read and to write, and when they are freed.</summary>
/// <param name="inner">Opens the links.</param>
/// <param name="devices">The process's devices.</param>
/// <param name="faults">What was wrong.</param>
internal sealed class WatchedLinks(ILinkOpener inner, IReadOnlyList<DividedDevice> devices, ConcurrentQueue<string> faults) : ILinkOpener
{
    public async Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation)
    {
        PeerLink?[] links = await inner.OpenAsync(order, [.. sinks.Select(sink => new Sink(this, sink))], cancellation);
        return [.. links.Select(link => link is null ? null : new Link(this, link))];
    }

    private void Look(ReadOnlySpan<PayloadPart> parts, string what)
    {
        foreach (PayloadPart part in parts)
        {
            if (devices.Any(device => device.Owns(part.Pointer)))
            {
                faults.Enqueue($"{what} memory of a device");
            }
        }
    }

    private sealed class Sink(WatchedLinks links, IFrameSink inner) : IFrameSink
    {
        public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
        {
            int count = inner.Reserve(from, header, places);
            links.Look(places[..count], $"a frame of kind {header.Kind & 0xFF} is read into");
            return count;
        }

        public void Arrived(PeerLink from, in FrameHeader header) => inner.Arrived(from, header);

        public void Ended(PeerLink from, string reason) => inner.Ended(from, reason);
    }

    private sealed class Link(WatchedLinks links, PeerLink inner) : PeerLink
    {
        public override int Peer => inner.Peer;

        public override string Name => inner.Name;

        public override int Lanes => inner.Lanes;

        public override bool SharesMemory => inner.SharesMemory;

        public override DeviceBuffer? Shared => inner.Shared;

        public override long ClockOffset => inner.ClockOffset;

        public override bool HasEnded => inner.HasEnded;

        public override Task Completion => inner.Completion;

        public override void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small) => inner.Send(lane, header, small);

        public override void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent)
        {
            links.Look(parts, $"a frame of kind {header.Kind & 0xFF} is sent from");
            inner.Send(lane, header, parts, sent);
        }

        public override void End(string reason) => inner.End(reason);

        public override void Dispose()
        {
            if (links.HoldImports)
            {
                links.Fault("memory that processes share is freed while a device has it imported");
            }

            inner.Dispose();
        }
    }

    private bool HoldImports => devices.Any(device => device.HoldsImports);

    private void Fault(string fault) => faults.Enqueue(fault);
}
