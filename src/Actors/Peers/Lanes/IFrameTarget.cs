namespace Actors.Runtime.Peers.Lanes;

/// <summary>Where a lane's reader hands frames: a lane of a link.</summary>
internal interface IFrameTarget
{
    /// <inheritdoc cref="IFrameSink.Reserve"/>
    int Reserve(in FrameHeader header, Span<PayloadPart> places);

    /// <inheritdoc cref="IFrameSink.Arrived"/>
    void Arrived(ref FrameHeader header);

    /// <summary>A notice of the link is here.</summary>
    void Noticed(in FrameHeader header, ReadOnlySpan<byte> payload);
}
