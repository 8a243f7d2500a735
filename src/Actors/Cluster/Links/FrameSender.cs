using System.Runtime.InteropServices;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Copies;

namespace Actors.Runtime.Cluster.Links;

/// <summary>Turns the messages of a step into frames. Used by every actor that tells a rank of another process something.</summary>
internal sealed class FrameSender(ILinkedRanks host, int epoch)
{
    /// <summary>Where in <see cref="FrameHeader.Kind"/> the element type of rows stands.</summary>
    public const int TypeShift = 8;

    private readonly SentFrames _sent = new(host.Frames);

    /// <summary>Sends a message for a channel.</summary>
    public void TellChannel(PeerLink link, RankPosition rank, int channel, FabricRings? rings, object message)
    {
        FrameHeader frame = To(rank.Rank);
        switch (message)
        {
            case ChunkArrived chunk:
                SendChunk(link, rank, channel, rings!, chunk, ref frame);
                break;
            case SlotReleased released:
                frame.Kind = (int)FrameKind.SlotReleased;
                new SlotNumbers(channel, released.Kind, released.Node, released.Slot).Write(ref frame);
                link.Send(PeerLink.ControlLane, frame);
                break;
            default:
                throw Refused(message, rank.Rank);
        }
    }

    /// <summary>Sends a message for a window.</summary>
    public void TellWindow(PeerLink link, int rank, object message)
    {
        if (message is not HeaderArrived header)
        {
            throw Refused(message, rank);
        }

        FrameHeader frame = To(rank);
        frame.Kind = (int)FrameKind.Header;
        (frame.A, frame.B, frame.C) = (header.Exchange, header.Source, header.Channels);
        link.Send(PeerLink.ControlLane, frame, MemoryMarshal.AsBytes(header.RowsByChannel));
    }

    /// <summary>Sends a message for a stage.</summary>
    public void TellStage(PeerLink link, int rank, object message)
    {
        FrameHeader frame = To(rank);
        switch (message)
        {
            case ActivationArrived rows:
                (frame.Kind, frame.A, frame.B) = ((int)FrameKind.Activation, rows.Stage, rows.MicroBatch);
                SendRows(link, ref frame, rows.Take());
                break;
            case GradientArrived rows:
                (frame.Kind, frame.A, frame.B) = ((int)FrameKind.Gradient, rows.Stage, rows.MicroBatch);
                SendRows(link, ref frame, rows.Take());
                break;
            case BlockSumArrived sum:
                (frame.Kind, frame.A) = ((int)(sum.IsWhole ? FrameKind.WholeBlockSum : FrameKind.BlockSum), sum.Block);
                SendRows(link, ref frame, sum.Take());
                break;
            case BlockValuesArrived values:
                (frame.Kind, frame.A) = ((int)FrameKind.BlockValues, values.Block);
                SendRows(link, ref frame, values.Take());
                break;
            case BlockCopyArrived copy:
                (frame.Kind, frame.A, frame.B) = ((int)FrameKind.BlockCopy, copy.Block, copy.Owner);
                SendRows(link, ref frame, copy.Take());
                break;
            case BlockCopied copied:
                (frame.Kind, frame.A) = ((int)FrameKind.BlockCopied, copied.Block);
                link.Send(PeerLink.ControlLane, frame);
                break;
            case FrameReleased released:
                (frame.Kind, frame.A) = ((int)FrameKind.FrameReleased, released.Receiver);
                link.Send(PeerLink.ControlLane, frame);
                break;
            default:
                throw Refused(message, rank);
        }
    }

    private static InvalidOperationException Refused(object message, int rank) =>
        new($"{message.GetType().Name} cannot cross to rank {rank}, which lives in another process.");

    private FrameHeader To(int rank) => new() { Epoch = epoch, Target = rank };

    /// <summary>The slot stays as it is until its credit comes back, so the link reads it where it lies.</summary>
    private void SendChunk(PeerLink link, RankPosition rank, int channel, FabricRings rings, ChunkArrived chunk, ref FrameHeader frame)
    {
        Ring ring = rings.RingOf(chunk.Kind, rank.ExpertRank, channel, chunk.Node);
        ref SlotHeader header = ref ring.Header(chunk.Slot);
        frame.Kind = (int)FrameKind.Chunk;
        new SlotNumbers(channel, chunk.Kind, chunk.Node, chunk.Slot).Write(ref frame, header);
        int lane = PeerLink.FirstChunkLane + (channel % (link.Lanes - PeerLink.FirstChunkLane));
        Span<PayloadPart> parts = stackalloc PayloadPart[PayloadPart.Most];
        int count = link.Shared is { Bytes: > 0 } ? 0 : SlotParts.Of(ring, chunk.Kind, chunk.Slot, header, parts);
        if (count == 0)
        {
            link.Send(lane, frame);
        }
        else
        {
            link.Send(lane, frame, parts[..count], null);
        }
    }

    private void SendRows(PeerLink link, ref FrameHeader frame, Frame rows)
    {
        frame.Kind |= (int)rows.Rows.Type << TypeShift;
        (frame.C, frame.D, frame.E) = (rows.Sender, rows.Rows.Rows, rows.Rows.Columns);
        if (rows.Rows.Count == 0)
        {
            link.Send(PeerLink.FrameLane, frame);
            host.Frames.Return(rows);
            return;
        }

        link.Send(PeerLink.FrameLane, frame, [SlotParts.PartOf(rows.Rows, rows.Rows.Rows)], _sent.Take(rows));
    }

    /// <summary>Gives frames back to the transport once they have gone; the objects that do are used again.</summary>
    private sealed class SentFrames(FrameTransport transport)
    {
        private readonly Stack<SentFrame> _free = new();

        public SentFrame Take(Frame rows)
        {
            lock (_free)
            {
                SentFrame frame = _free.TryPop(out SentFrame? used) ? used : new SentFrame(this);
                frame.Rows = rows;
                return frame;
            }
        }

        private void Return(SentFrame frame)
        {
            transport.Return(frame.Rows);
            lock (_free)
            {
                _free.Push(frame);
            }
        }

        public sealed class SentFrame(SentFrames owner) : IFrameSent
        {
            public Frame Rows { get; set; }

            public void Sent() => owner.Return(this);
        }
    }
}
