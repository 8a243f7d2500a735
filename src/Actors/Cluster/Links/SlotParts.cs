using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Cluster.Links;

/// <summary>The parts of a slot that travel with a chunk, the same at both ends: its rows, and the choices and weights that come with them.</summary>
internal static class SlotParts
{
    /// <summary>Names the filled part of a slot.</summary>
    /// <returns>How many parts.</returns>
    public static int Of(Ring ring, RingKind kind, int slot, in SlotHeader header, Span<PayloadPart> parts)
    {
        if (header.Rows == 0)
        {
            return 0;
        }

        bool isForward = header.Phase == ExchangePhase.Forward;
        parts[0] = PartOf(ring.Rows(slot, header.Phase), header.Rows);
        switch (kind)
        {
            case RingKind.Dispatch when isForward:
                parts[1] = PartOf(ring.ExpertRows(slot), header.Rows);
                parts[2] = PartOf(ring.WeightRows(slot), header.Rows);
                return 3;
            case RingKind.Combine when !isForward:
                parts[1] = PartOf(ring.WeightRows(slot), header.Rows);
                return 2;
            default:
                return 1;
        }
    }

    /// <summary>
    /// The first rows of a contiguous tensor as a link reads and writes them. A link is the host's: it cannot take memory of a device, which
    /// <see cref="FabricRings"/> and <see cref="FrameTransport"/> therefore give to no frame of another process.
    /// </summary>
    /// <exception cref="ArgumentException">The rows lie in device memory.</exception>
    public static PayloadPart PartOf(Tensor rows, int count) => rows.Buffer.IsHost
        ? new PayloadPart(rows.Pointer, (long)count * rows.Columns * rows.Type.SizeInBytes())
        : throw new ArgumentException($"{rows} lies in device memory, which a link between processes cannot read or write.", nameof(rows));
}
