namespace Actors.Runtime.Peers.Memory;

/// <summary>
/// A ring of bytes in shared memory with one writer and one reader, in different processes. Each counts what it has moved since the start in
/// a cache line of its own. One that finds no room, or no bytes, says that it sleeps and looks once more; the other wakes it after it has
/// moved its count.
/// </summary>
internal sealed unsafe class SharedRing
{
    private const int Line = 128;
    private readonly int _bytes;
    private readonly long* _written, _read;
    private readonly int* _readerSleeps, _writerSleeps;
    private readonly byte* _data;

    /// <summary>A ring at a pointer, whose memory is zero before its first use.</summary>
    public SharedRing(nint pointer, int bytes)
    {
        _bytes = bytes;
        _written = (long*)pointer;
        _read = (long*)(pointer + Line);
        _readerSleeps = (int*)(pointer + (2 * Line));
        _writerSleeps = (int*)(pointer + (3 * Line));
        _data = (byte*)(pointer + (4 * Line));
    }

    /// <summary>Bytes of memory of a ring.</summary>
    public static long PlanBytes(int bytes) => (4 * Line) + (long)bytes;

    /// <summary>Writes what has room.</summary>
    /// <param name="bytes">What to write.</param>
    /// <param name="wakes">Whether the reader sleeps and must be woken.</param>
    /// <returns>How many bytes were written.</returns>
    public int Write(ReadOnlySpan<byte> bytes, out bool wakes)
    {
        long written = *_written;
        int count = (int)Math.Min(bytes.Length, _bytes - Held(written, Volatile.Read(ref *_read)));
        int at = (int)(written & (_bytes - 1));
        int before = Math.Min(count, _bytes - at);
        bytes[..before].CopyTo(new Span<byte>(_data + at, before));
        bytes[before..count].CopyTo(new Span<byte>(_data, count - before));
        Volatile.Write(ref *_written, written + count);

        // The sleeper sets its flag and then looks at the count; we move the count and then look at the flag. With a fence between, on both
        // sides, one of the two sees the other.
        Interlocked.MemoryBarrier();
        wakes = count > 0 && Volatile.Read(ref *_readerSleeps) != 0 && Interlocked.Exchange(ref *_readerSleeps, 0) != 0;
        return count;
    }

    /// <summary>Reads what is there.</summary>
    /// <param name="bytes">Where to.</param>
    /// <param name="wakes">Whether the writer sleeps, has half a ring's room and must be woken.</param>
    /// <returns>How many bytes were read.</returns>
    public int Read(Span<byte> bytes, out bool wakes)
    {
        long read = *_read;
        long held = Held(Volatile.Read(ref *_written), read);
        int count = (int)Math.Min(bytes.Length, held);
        int at = (int)(read & (_bytes - 1));
        int before = Math.Min(count, _bytes - at);
        new ReadOnlySpan<byte>(_data + at, before).CopyTo(bytes);
        new ReadOnlySpan<byte>(_data, count - before).CopyTo(bytes[before..]);
        Volatile.Write(ref *_read, read + count);
        Interlocked.MemoryBarrier();
        wakes = count > 0 && Volatile.Read(ref *_writerSleeps) != 0 && HasRoom() && Interlocked.Exchange(ref *_writerSleeps, 0) != 0;
        return count;
    }

    /// <summary>Says that the reader sleeps.</summary>
    /// <returns>Whether it may: there is nothing to read.</returns>
    public bool ReaderMaySleep()
    {
        Interlocked.Exchange(ref *_readerSleeps, 1);
        return Volatile.Read(ref *_written) == *_read;
    }

    /// <summary>Says that the writer sleeps.</summary>
    /// <returns>Whether it may: less than half of the ring has room.</returns>
    public bool WriterMaySleep()
    {
        Interlocked.Exchange(ref *_writerSleeps, 1);
        return !HasRoom();
    }

    /// <summary>Says that the reader is awake.</summary>
    public void ReaderWakes() => Volatile.Write(ref *_readerSleeps, 0);

    /// <summary>Says that the writer is awake.</summary>
    public void WriterWakes() => Volatile.Write(ref *_writerSleeps, 0);

    private bool HasRoom() => Held(Volatile.Read(ref *_written), Volatile.Read(ref *_read)) <= _bytes / 2;

    /// <summary>The other process can write anything to the counts, and must not make this one leave the ring.</summary>
    private long Held(long written, long read)
    {
        long held = written - read;
        return held >= 0 && held <= _bytes
            ? held
            : throw new FrameRefusedException($"the counts of its ring in shared memory are wrong: {written} written, {read} read");
    }
}
