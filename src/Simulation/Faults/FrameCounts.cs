using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Peers;

namespace Actors.Simulation.Faults;

/// <summary>Frames that one side of a link has sent: those that take a credit, and those that give one back.</summary>
internal sealed class FrameCounts
{
    private const int KindMask = 0xFF;

    /// <summary>Chunks, each of which takes a slot.</summary>
    public int Chunks { get; private set; }

    /// <summary>Slots given back.</summary>
    public int Slots { get; private set; }

    public void Sent(in FrameHeader header)
    {
        switch ((FrameKind)(header.Kind & KindMask))
        {
            case FrameKind.Chunk:
                Chunks++;
                break;
            case FrameKind.SlotReleased:
                Slots++;
                break;
        }
    }
}
