namespace Actors.Runtime.Peers;

/// <summary>
/// Takes the frames of links. Called on the links' readers, one at a time for each lane of a link and at once for different lanes. Never
/// waits: a sink that did would stop its lane.
/// </summary>
public interface IFrameSink
{
    /// <summary>Where a payload goes. Called for frames with a payload only.</summary>
    /// <param name="from">The link.</param>
    /// <param name="header">The frame's header, checked.</param>
    /// <param name="places">Filled by the sink: up to <see cref="PayloadPart.Most"/> places, filled by the link in this order.</param>
    /// <returns>How many places; together they hold exactly <see cref="FrameHeader.PayloadBytes"/>.</returns>
    /// <exception cref="FrameRefusedException">The header names no place, or has wrong sizes: the link ends with that reason.</exception>
    int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places);

    /// <summary>A frame is here: its payload is complete and checked.</summary>
    void Arrived(PeerLink from, in FrameHeader header);

    /// <summary>
    /// The link is over: lost, refused or closed. Called once, after the last <see cref="Arrived"/>; from then on the link writes to no
    /// place and reads no part.
    /// </summary>
    void Ended(PeerLink from, string reason);
}
