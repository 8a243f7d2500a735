using System.Runtime.CompilerServices;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>A frame that waits to be sent: a small payload is in the queue's own bytes, a large one where it was.</summary>
internal struct QueuedFrame
{
    public FrameHeader Header;
    public bool IsSmall;
    public int PartCount;
    public PartList Parts;
    public IFrameSent? Sent;

    [InlineArray(PayloadPart.Most)]
    public struct PartList
    {
        private PayloadPart _first;
    }
}
