using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Actors.Cpu.Tests;

/// <summary>Buffers never overlap, whatever is reserved and freed in which order, and room that was given back is used again.</summary>
public sealed unsafe class HostHeapTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_reserved_is_whole_aligned_and_its_own(int seed)
    {
        var random = new Random(seed);
        var heap = new HostHeap();
        var buffers = new List<(nint Pointer, int Bytes, byte Mark)>();
        for (int turn = 0; turn < 2000; turn++)
        {
            if (buffers.Count > 0 && random.Next(100) < 45)
            {
                int place = random.Next(buffers.Count);
                (nint pointer, int bytes, byte mark) = buffers[place];
                AssertFilled(pointer, bytes, mark);
                heap.Free(pointer, bytes);
                buffers[place] = buffers[^1];
                buffers.RemoveAt(buffers.Count - 1);
            }
            else
            {
                int bytes = random.Next(4) == 0 ? random.Next(300_000) : random.Next(200);
                var mark = (byte)random.Next(256);
                nint pointer = heap.Reserve(bytes);
                Assert.Equal(0, pointer % HostHeap.Alignment);
                NativeMemory.Fill((void*)pointer, (nuint)bytes, mark);
                buffers.Add((pointer, bytes, mark));
            }
        }

        buffers.ForEach(buffer => AssertFilled(buffer.Pointer, buffer.Bytes, buffer.Mark));
        buffers.ForEach(buffer => heap.Free(buffer.Pointer, buffer.Bytes));
        Assert.Equal(HostHeap.RegionBytes, heap.Held);
    }

    [Fact]
    public void Buffers_of_whole_pages_begin_at_different_places_of_a_page()
    {
        var heap = new HostHeap();
        nint first = heap.Reserve(8192), second = heap.Reserve(8192);
        Assert.NotEqual(first % 4096, second % 4096);
    }

    [Fact]
    public void A_buffer_larger_than_a_region_gets_one_of_its_own_and_gives_it_back()
    {
        var heap = new HostHeap();
        long bytes = HostHeap.RegionBytes + 1;
        nint small = heap.Reserve(1), large = heap.Reserve(bytes);
        ((byte*)large)[bytes - 1] = 1;
        Assert.InRange(heap.Held, HostHeap.RegionBytes + bytes, (2 * HostHeap.RegionBytes) + bytes);
        heap.Free(small, 1);
        heap.Free(large, bytes);
        Assert.Equal(HostHeap.RegionBytes, heap.Held);
    }

    [Fact]
    public void What_is_given_back_is_joined_with_what_lies_beside_it()
    {
        var holes = new Holes(400);
        Assert.Equal([0, 100, 200, 300, -1], new[] { holes.Take(100), holes.Take(100), holes.Take(100), holes.Take(100), holes.Take(1) });
        holes.Give(100, 100);
        holes.Give(300, 100);
        Assert.Equal(-1, holes.Take(101));
        holes.Give(200, 100);
        Assert.Equal(300, holes.Bytes);
        Assert.Equal(100, holes.Take(300));
    }

    [Fact]
    public void Threads_reserve_and_free_at_once()
    {
        var heap = new HostHeap();
        var handed = new ConcurrentBag<(nint Pointer, byte Mark)>();
        Parallel.For(0, 4000, i =>
        {
            var mark = (byte)i;
            nint pointer = heap.Reserve(1000);
            NativeMemory.Fill((void*)pointer, 1000, mark);
            handed.Add((pointer, mark));
            if (handed.TryTake(out (nint Pointer, byte Mark) other))
            {
                AssertFilled(other.Pointer, 1000, other.Mark);
                heap.Free(other.Pointer, 1000);
            }
        });
        Assert.Equal(HostHeap.RegionBytes, heap.Held);
    }

    [Fact]
    public void A_pointer_from_elsewhere_is_refused()
    {
        var heap = new HostHeap();
        heap.Reserve(1);
        Assert.Throws<ArgumentException>(() => heap.Free(64, 1));
    }

    private static void AssertFilled(nint pointer, int bytes, byte mark) =>
        Assert.Equal(-1, new ReadOnlySpan<byte>((void*)pointer, bytes).IndexOfAnyExcept(mark));
}
