namespace Actors.Runtime.Peers;

/// <summary>Sizes that are part of the protocol or of its implementation, and no settings.</summary>
internal static class LinkLimits
{
    /// <summary>Most bytes of a payload that <see cref="PeerLink.Send(int, in FrameHeader, ReadOnlySpan{byte})"/> copies.</summary>
    public const int SmallBytes = 4096;

    /// <summary>Bytes of a lane's buffers, one to write from and one to read into.</summary>
    public const int BufferBytes = 128 << 10;

    /// <summary>Payloads up to this size are copied through a lane's buffer, larger ones are written from, and read to, their place.</summary>
    public const int CopiedBytes = 16 << 10;

    /// <summary>Payloads move in pieces of at most this size, so that a piece's checksum is computed while it is in the cache.</summary>
    public const int PieceBytes = 256 << 10;

    /// <summary>A pump or reader that has moved this much without waiting lets other work of the thread pool run.</summary>
    public const int TurnBytes = 4 << 20;

    /// <summary>Most lanes of a link.</summary>
    public const int MostLanes = 32;
}
