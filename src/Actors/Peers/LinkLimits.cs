namespace Actors.Runtime.Peers;

/// <summary>Sizes that are part of the protocol or of its implementation, and no settings.</summary>
internal static class LinkLimits
{
    /// <summary>Most bytes of a payload that <see cref="PeerLink.Send(int, in FrameHeader, ReadOnlySpan{byte})"/> copies.</summary>
    public const int SmallBytes = 4096;

    /// <summary>Bytes of a lane's buffers, one to write from and one to read into.</summary>
    public const int BufferBytes = 256 << 10;

    /// <summary>A pump or reader that has moved this much without waiting lets other work of the thread pool run.</summary>
    public const int TurnBytes = 4 << 20;

    /// <summary>Most lanes of a link.</summary>
    public const int MostLanes = 32;
}
