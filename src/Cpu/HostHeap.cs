using System.Runtime.InteropServices;

namespace Actors.Cpu;

/// <summary>
/// Cuts buffers from regions of huge pages. A training step goes through far more memory than a processor has translations of
/// small pages for, and what it fetches beyond them costs a walk through page tables first. Any thread may reserve, and free what
/// another reserved.
/// </summary>
internal sealed unsafe partial class HostHeap
{
    /// <summary>Alignment of every buffer: a cache line, a Vector512.</summary>
    public const int Alignment = 64;

    /// <summary>Bytes of a region, unless a buffer needs more. They are the system's to give when they are first written.</summary>
    public const long RegionBytes = 32 * HugePage;

    /// <summary>On x64, and on arm64 where small pages have 4 KiB.</summary>
    private const long HugePage = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<Region> _regions = [];

    /// <summary>The heap of the process.</summary>
    public static HostHeap OfProcess { get; } = new();

    /// <summary>Bytes of all regions, reserved or not.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
            {
                return _regions.Sum(region => region.Bytes);
            }
        }
    }

    /// <summary>Finds room for <paramref name="bytes"/>, 0 or more; their contents are undefined.</summary>
    /// <exception cref="OutOfMemoryException">The host has not that much left.</exception>
    public nint Reserve(long bytes)
    {
        if (bytes > long.MaxValue - 2 * RegionBytes)
        {
            throw new OutOfMemoryException();
        }

        long taken = Taken(bytes);
        lock (_lock)
        {
            foreach (Region region in _regions)
            {
                if (region.Holes.Take(taken) is var offset and >= 0)
                {
                    return region.First + (nint)offset;
                }
            }

            var added = new Region(Math.Max(RegionBytes, RoundUp(taken, HugePage)));
            _regions.Add(added);
            return added.First + (nint)added.Holes.Take(taken);
        }
    }

    /// <summary>Gives back what <see cref="Reserve"/> gave for <paramref name="bytes"/>. The last empty region is kept.</summary>
    public void Free(nint pointer, long bytes)
    {
        lock (_lock)
        {
            Region region = _regions.Find(region => pointer >= region.First && pointer < region.First + (nint)region.Bytes)
                ?? throw new ArgumentException($"0x{pointer:x} was not reserved here.", nameof(pointer));
            region.Holes.Give(pointer - region.First, Taken(bytes));
            if (region.IsEmpty && _regions.Exists(other => other != region && other.IsEmpty))
            {
                _regions.Remove(region);
                NativeMemory.AlignedFree((void*)region.First);
            }
        }
    }

    /// <summary>
    /// A line more than is asked for: buffers of whole pages would else all begin at the same place of a page, and crowd the few
    /// places that a first-level cache has for it.
    /// </summary>
    private static long Taken(long bytes) => RoundUp(bytes, Alignment) + Alignment;

    private static long RoundUp(long bytes, long unit) => (bytes + unit - 1) / unit * unit;

    /// <summary>Memory from the host, and what of it is free.</summary>
    private sealed partial class Region
    {
        private const int AdviseHugePages = 14;

        public Region(long bytes)
        {
            Bytes = bytes;
            First = (nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)HugePage);
            Holes = new Holes(bytes);
            if (OperatingSystem.IsLinux())
            {
                // Only advice: where the system has no huge pages to give, or none by request, it gives small ones.
                _ = Advise(First, (nuint)bytes, AdviseHugePages);
            }
        }

        public nint First { get; }

        public long Bytes { get; }

        public Holes Holes { get; }

        public bool IsEmpty => Holes.Bytes == Bytes;

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int Advise(nint first, nuint bytes, int advice);
    }
}
