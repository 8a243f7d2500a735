namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Bytes in order, both ways, between two processes. One loop writes and one reads. A call ends at once where there is room, or bytes; else
/// it waits without a thread. After <see cref="Dispose"/> calls under way end, with an exception or 0 bytes.
/// </summary>
internal abstract class ByteLane : IDisposable
{
    /// <summary>Payloads are moved in pieces of this size, so that a piece's checksum is computed while it is in the cache.</summary>
    public abstract int PieceBytes { get; }

    /// <summary>
    /// Payloads up to this size are copied through a buffer, larger ones are written from, and read to, their place; at most a quarter of
    /// <see cref="LinkLimits.BufferBytes"/>.
    /// </summary>
    public abstract int CopiedBytes { get; }

    /// <summary>So much of a larger payload is copied behind its header all the same; at most <see cref="CopiedBytes"/>.</summary>
    public abstract int LeadBytes { get; }

    /// <summary>Whether payloads bear a checksum. Headers always do.</summary>
    public abstract bool ChecksPayloads { get; }

    /// <summary>Writes all bytes; when it ends they are read no more.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Reads at least one byte, unless the other side has ended.</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="needed">How many the caller cannot go on without: a lane that must wait may wait for so many.</param>
    /// <returns>How many; 0 at the end.</returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> bytes, int needed);

    /// <summary>The other side has written, or made room: what waits for it looks again.</summary>
    public virtual void Wake(bool reader, bool writer)
    {
    }

    /// <summary>Ends both ways.</summary>
    public abstract void Dispose();
}
