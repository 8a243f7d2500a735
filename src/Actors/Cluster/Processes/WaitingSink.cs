using Actors.Runtime.Peers;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Takes what a link brings once there is memory for it: a link is opened before, since it may bring that memory. Nothing is sent earlier:
/// the first step begins when all processes have said that their shares stand.
/// </summary>
/// <param name="ended">Is told why the link has ended.</param>
internal sealed class WaitingSink(Action<string> ended) : IFrameSink
{
    private IFrameSink? _sink;

    /// <summary>Names the place for what comes.</summary>
    public void Open(IFrameSink sink) => Volatile.Write(ref _sink, sink);

    /// <inheritdoc/>
    public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places) => Opened.Reserve(from, header, places);

    /// <inheritdoc/>
    public void Arrived(PeerLink from, in FrameHeader header) => Opened.Arrived(from, header);

    /// <inheritdoc/>
    public void Ended(PeerLink from, string reason) => ended(reason);

    private IFrameSink Opened => Volatile.Read(ref _sink) ?? throw new FrameRefusedException("a frame came before the share stood");
}
