using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Cluster.Links;

/// <summary>A ring's slot and what its writer says about it, as numbers of a frame.</summary>
/// <param name="Channel">Number of the channel.</param>
/// <param name="Kind">Which ring.</param>
/// <param name="Node">Node of the group that names the ring.</param>
/// <param name="Slot">The slot.</param>
internal readonly record struct SlotNumbers(int Channel, RingKind Kind, int Node, int Slot)
{
    private const int CombineBit = 1 << 16, BackwardBit = 1 << 17, LastBit = 1 << 18;

    /// <summary>The slot that a frame names.</summary>
    public static SlotNumbers Of(in FrameHeader frame) =>
        new(frame.A & 0xFFFF, (frame.A & CombineBit) == 0 ? RingKind.Dispatch : RingKind.Combine, frame.B >>> 16, frame.B & 0xFFFF);

    /// <summary>What a frame says about the slot.</summary>
    public static SlotHeader HeaderOf(in FrameHeader frame) => new()
    {
        Exchange = frame.C,
        Phase = (frame.A & BackwardBit) == 0 ? ExchangePhase.Forward : ExchangePhase.Backward,
        FirstRow = frame.D,
        Rows = frame.E,
        LastStart = frame.Time,
        Last = (frame.A & LastBit) != 0,
    };

    /// <summary>Writes them.</summary>
    public void Write(ref FrameHeader frame)
    {
        frame.A = Channel | (Kind == RingKind.Combine ? CombineBit : 0);
        frame.B = (Node << 16) | Slot;
    }

    /// <summary>Writes them, with what is said about the slot.</summary>
    public void Write(ref FrameHeader frame, in SlotHeader header)
    {
        Write(ref frame);
        frame.A |= (header.Phase == ExchangePhase.Backward ? BackwardBit : 0) | (header.Last ? LastBit : 0);
        (frame.C, frame.D, frame.E, frame.Time) = (header.Exchange, header.FirstRow, header.Rows, header.LastStart);
    }
}
