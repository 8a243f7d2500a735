using System.Runtime.InteropServices;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// Turns the frames of one link into the messages of a step. Every number of a frame is checked before it names a place, so that a peer's
/// mistake ends the link and writes nowhere else; that a payload fills its place the link's reader checks. Called by the link's readers; frames with rows come on one lane, one after the other.
/// </summary>
/// <param name="host">What lives here.</param>
/// <param name="epoch">The placement's; frames of another are refused.</param>
internal sealed class FrameReceiver(ILinkedRanks host, int epoch) : IFrameSink
{
    private readonly int[] _counts = GC.AllocateArray<int>(host.Plan.Fabric.Channels, pinned: true);
    private readonly HeaderArrived?[]?[] _headers = new HeaderArrived?[]?[host.Plan.Ranks];
    private readonly ArrivedMessages _messages = new(host.Plan, host.Blocks);
    private Tensor _rows;

    /// <inheritdoc/>
    public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
    {
        RankPosition at = TargetOf(header);
        return KindOf(header) switch
        {
            FrameKind.Header => ReserveCounts(header, places),
            FrameKind.Chunk => ReserveSlot(from, at, header, places),
            FrameKind.Activation or FrameKind.Gradient or FrameKind.BlockSum or FrameKind.WholeBlockSum or FrameKind.BlockValues or FrameKind.BlockCopy => ReserveRows(header, places),
            FrameKind.SlotReleased or FrameKind.FrameReleased or FrameKind.BlockCopied => 0,
            _ => throw new FrameRefusedException($"frames of kind {header.Kind} are not known here: the processes run different versions"),
        };
    }

    /// <inheritdoc/>
    public void Arrived(PeerLink from, in FrameHeader header)
    {
        RankPosition at = TargetOf(header);
        RankActors actors = host.Addresses[at.Rank];
        switch (KindOf(header))
        {
            case FrameKind.Header:
                Tell(actors.Window, Counted(at, header));
                break;
            case FrameKind.Chunk:
                SlotNumbers slot = SlotNumbers.Of(header);
                (Ring ring, SlotHeader says) = Checked(at, slot, header);
                ring.Header(slot.Slot) = says;
                Tell(actors.Channels[slot.Channel], ring.Arrived(slot.Slot));
                break;
            case FrameKind.SlotReleased:
                TellReleased(at, actors, SlotNumbers.Of(header));
                break;
            case FrameKind.Activation:
                Tell(actors.Stage, Bring(_messages.Activation(at.Rank, header.A, header.B), header));
                break;
            case FrameKind.Gradient:
                Tell(actors.Stage, Bring(_messages.Gradient(at.Rank, header.A, header.B), header));
                break;
            case FrameKind.BlockSum or FrameKind.WholeBlockSum:
                Tell(actors.Stage, Bring(_messages.Sum(at.Rank, header.A, KindOf(header) == FrameKind.WholeBlockSum), header));
                break;
            case FrameKind.BlockValues:
                Tell(actors.Stage, Bring(_messages.Values(at.Rank, header.A), header));
                break;
            case FrameKind.BlockCopy:
                Tell(actors.Stage, Bring(_messages.Copy(at.Rank, Within(header.B, host.Plan.Ranks, "rank"), header.A), header));
                break;
            case FrameKind.BlockCopied:
                Tell(actors.Stage, _messages.Copied(header.A));
                break;
            case FrameKind.FrameReleased:
                Tell(actors.Stage, _messages.Released(header.A));
                break;
        }
    }

    /// <summary>Nothing to do: no state here waits for another frame, and whoever opened the link hears of its end from its own sink.</summary>
    public void Ended(PeerLink from, string reason)
    {
    }

    private static void Tell(IActorRef actor, object message) => actor.Tell(message, ActorRefs.NoSender);

    /// <summary>A number of a frame, refused where it names nothing.</summary>
    public static int Within(int number, int count, string what) => (uint)number < (uint)count
        ? number
        : throw new FrameRefusedException($"a frame names {what} {number}; there are {count}");

    private static FrameKind KindOf(in FrameHeader header) => (FrameKind)(header.Kind & 0xFF);

    private static ElementType TypeOf(in FrameHeader header) =>
        Enum.IsDefined((ElementType)(header.Kind >> FrameSender.TypeShift))
            ? (ElementType)(header.Kind >> FrameSender.TypeShift)
            : throw new FrameRefusedException($"a frame has elements of type {header.Kind >> FrameSender.TypeShift}, which is not known here");

    private RankPosition TargetOf(in FrameHeader header)
    {
        if (header.Epoch != epoch)
        {
            throw new FrameRefusedException($"a frame is of epoch {header.Epoch}, this placement's is {epoch}");
        }

        int rank = Within(header.Target, host.Plan.Ranks, "rank");
        return host.IsHere(rank)
            ? host.Plan.PositionOf(rank)
            : throw new FrameRefusedException($"a frame is for rank {rank}, which does not live here");
    }

    private int ReserveCounts(in FrameHeader header, Span<PayloadPart> places)
    {
        Within(header.A, host.ExchangesOf(header.Target), "exchange");
        Within(header.B, host.Plan.ExpertRanks, "source rank");
        places[0] = new PayloadPart(Marshal.UnsafeAddrOfPinnedArrayElement(_counts, 0), (long)_counts.Length * sizeof(int));
        return 1;
    }

    private int ReserveSlot(PeerLink from, RankPosition at, in FrameHeader header, Span<PayloadPart> places)
    {
        SlotNumbers slot = SlotNumbers.Of(header);
        (Ring ring, SlotHeader says) = Checked(at, slot, header);
        return from.Shared is { Bytes: > 0 } ? 0 : SlotParts.Of(ring, slot.Kind, slot.Slot, says, places);
    }

    private (Ring Ring, SlotHeader Says) Checked(RankPosition at, SlotNumbers slot, in FrameHeader header)
    {
        SlotHeader says = SlotNumbers.HeaderOf(header);
        Within(says.Exchange, host.ExchangesOf(at.Rank), "exchange");
        Within(says.Rows, host.Plan.Fabric.ChunkRows + 1, "a count of rows");
        return (RingOf(at, at.ExpertRank, slot, slot.Node), says);
    }

    private int ReserveRows(in FrameHeader header, Span<PayloadPart> places)
    {
        _rows = ReserveFrame(header);
        places[0] = SlotParts.PartOf(_rows, _rows.Rows);
        return 1;
    }

    private Tensor ReserveFrame(in FrameHeader header) =>
        header.D >= 0 && header.E >= 0 && (long)header.D * header.E <= host.MaxFrameElements
            ? host.Frames.Reserve(Within(header.C, host.Plan.Ranks, "rank"), header.Target, header.D, header.E, TypeOf(header))
            : throw new FrameRefusedException($"a frame of {header.D} x {header.E} elements is larger than any of this run, {host.MaxFrameElements}");

    private FrameMessage Bring(FrameMessage message, in FrameHeader header)
    {
        message.Frame = TakeRows(header);
        return message;
    }

    private Frame TakeRows(in FrameHeader header)
    {
        if (header.C < 0)
        {
            return Frame.Empty;
        }

        // A chunk without sequences has a frame without rows, which holds a credit like any other.
        Tensor rows = header.PayloadBytes == 0 ? ReserveFrame(header) : _rows;
        _rows = default;
        return new Frame(rows, Within(header.C, host.Plan.Ranks, "rank"));
    }

    /// <summary>The counts as a message, made once for each source and exchange: it is read before its next use, see <see cref="HeaderArrived"/>.</summary>
    private HeaderArrived Counted(RankPosition at, in FrameHeader header)
    {
        HeaderArrived?[] messages = _headers[at.Rank] ??= new HeaderArrived?[host.ExchangesOf(at.Rank) * host.Plan.ExpertRanks];
        HeaderArrived message = messages[(header.A * host.Plan.ExpertRanks) + header.B] ??= new HeaderArrived(header.A, header.B, _counts.Length);
        _counts.CopyTo(message.RowsByChannel);
        return message;
    }

    /// <summary>A credit names its ring by the owner's node; here its writer gets the message that the ring keeps for it.</summary>
    private void TellReleased(RankPosition at, RankActors actors, SlotNumbers released)
    {
        GroupShape shape = host.RingsOf(at)!.Shape;
        int node = Within(released.Node, shape.Nodes, "node");
        int owner = shape.RankAt(node, shape.LocalOf(at.ExpertRank));
        Ring ring = RingOf(at, owner, released, shape.NodeOf(at.ExpertRank));
        Tell(actors.Channels[released.Channel], ring.Released(released.Slot));
    }

    private Ring RingOf(RankPosition at, int owner, SlotNumbers slot, int writerNode)
    {
        FabricRings rings = host.RingsOf(at)!;
        Within(slot.Channel, rings.Settings.Channels, "channel");
        Within(slot.Slot, rings.Settings.SlotsPerRing, "slot");
        Within(writerNode, rings.Shape.Nodes, "node");
        return rings.Shape.NodeOf(owner) != writerNode
            ? rings.RingOf(slot.Kind, owner, slot.Channel, writerNode)
            : throw new FrameRefusedException($"a frame names a ring of rank {owner} from its own node {writerNode}");
    }
}
