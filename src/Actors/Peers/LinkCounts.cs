namespace Actors.Runtime.Peers;

/// <summary>What crossed a link; what processes write to each other's shared memory is not among it.</summary>
/// <param name="FramesSent">Frames sent.</param>
/// <param name="BytesSent">Bytes of their payloads.</param>
/// <param name="FramesRead">Frames read.</param>
/// <param name="BytesRead">Bytes of their payloads.</param>
internal readonly record struct LinkCounts(long FramesSent, long BytesSent, long FramesRead, long BytesRead)
{
    /// <summary>Of two links.</summary>
    public static LinkCounts operator +(LinkCounts a, LinkCounts b) =>
        new(a.FramesSent + b.FramesSent, a.BytesSent + b.BytesSent, a.FramesRead + b.FramesRead, a.BytesRead + b.BytesRead);
}
