using Actors.Tensors;

namespace Actors.Runtime.Peers;

/// <summary>
/// The link to one other process: lanes that carry frames. What is sent on a lane arrives in this order, once; lanes have no order among
/// each other. All members may be called from any thread.
/// </summary>
public abstract class PeerLink : IDisposable
{
    /// <summary>The lane of small frames that others wait for: headers, credits.</summary>
    public const int ControlLane = 0;

    /// <summary>The lane of pipeline rows, gradients and values. The lanes after it carry chunks.</summary>
    public const int FrameLane = 1;

    /// <summary>The first lane of chunks.</summary>
    public const int FirstChunkLane = 2;

    /// <summary>The other process's number in the placement.</summary>
    public abstract int Peer { get; }

    /// <summary>How the other process is named in messages: its number and address.</summary>
    public abstract string Name { get; }

    /// <summary>Number of lanes.</summary>
    public abstract int Lanes { get; }

    /// <summary>Whether both processes are on one host and lanes from <see cref="FrameLane"/> on are rings in shared memory.</summary>
    public abstract bool SharesMemory { get; }

    /// <summary>
    /// Memory that both processes read and write, of the size that both asked for, zero at first; null where memory is not shared. Valid
    /// until the link is disposed.
    /// </summary>
    public abstract DeviceBuffer? Shared { get; }

    /// <summary>What the other process's clock shows more than this one's, in ticks of the link's time provider.</summary>
    public abstract long ClockOffset { get; }

    /// <summary>Whether the link is over, or about to be: what is sent then goes nowhere.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Ends when the link is over and <see cref="IFrameSink.Ended"/> has returned.</summary>
    public abstract Task Completion { get; }

    /// <summary>Sends a header alone.</summary>
    /// <inheritdoc cref="Send(int, in FrameHeader, ReadOnlySpan{PayloadPart}, IFrameSent?)"/>
    public void Send(int lane, in FrameHeader header) => Send(lane, header, []);

    /// <summary>Sends a small payload, which is copied at once.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="header">The header.</param>
    /// <param name="small">The payload, at most <see cref="LinkLimits.SmallBytes"/>.</param>
    /// <inheritdoc cref="Send(int, in FrameHeader, ReadOnlySpan{PayloadPart}, IFrameSent?)"/>
    public abstract void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small);

    /// <summary>Enqueues a frame; never waits. On a link that has ended nothing is sent, and nothing is thrown.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="header">The header; its number of payload bytes is set by the link.</param>
    /// <param name="parts">The payload, read until <paramref name="sent"/> is called.</param>
    /// <param name="sent">Is called when the parts are read no more.</param>
    /// <exception cref="PeerLinkException">
    /// The lane's queue is full: whoever sends did not keep to its credits. The link ends with the same reason, the frame goes nowhere, and
    /// <paramref name="sent"/> is called.
    /// </exception>
    public abstract void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent);

    /// <summary>
    /// Ends the link with a reason, where it has not ended; does not wait. What was not yet written goes nowhere.
    /// </summary>
    public abstract void End(string reason);

    /// <summary>Ends the link, and frees the shared memory when the link is over.</summary>
    public abstract void Dispose();
}
