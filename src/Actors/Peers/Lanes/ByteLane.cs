namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Bytes in order, both ways, between two processes. One loop writes and one reads. A call ends at once where there is room, or bytes; else
/// it waits without a thread. After <see cref="Dispose"/> calls under way end, with an exception or 0 bytes.
/// </summary>
internal abstract class ByteLane : IDisposable
{
    /// <summary>Payloads are moved, and their checksums computed, in pieces of this size.</summary>
    public abstract int PieceBytes { get; }

    /// <summary>Writes all bytes; when it ends they are read no more.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Reads at least one byte, unless the other side has ended.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public abstract ValueTask<int> ReadAsync(Memory<byte> bytes);

    /// <summary>The other side has written, or made room: what waits for it looks again.</summary>
    public virtual void Wake(bool reader, bool writer)
    {
    }

    /// <summary>Ends both ways.</summary>
    public abstract void Dispose();
}
