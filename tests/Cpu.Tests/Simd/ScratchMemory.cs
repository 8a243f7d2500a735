using Actors.Cpu.Simd;

namespace Actors.Cpu.Tests.Simd;

/// <summary>Scratch memory belongs to the thread that computes.</summary>
public sealed unsafe class ScratchMemory
{
    [Fact]
    public void Is_the_same_for_all_that_a_thread_runs()
    {
        nint first = Reserve(100);
        Assert.Equal(first, Reserve(1));
        Assert.Equal(0, first % 64);
    }

    [Fact]
    public void Is_another_one_in_another_thread()
    {
        nint own = Reserve(100), others = 0;
        *(float*)own = 1;
        var thread = new Thread(() =>
        {
            others = Reserve(100);
            *(float*)others = 2;
        });
        thread.Start();
        thread.Join();
        Assert.NotEqual(own, others);
        Assert.Equal(1, *(float*)own);
    }

    [Fact]
    public void Names_the_device_where_none_is_left()
    {
        var refused = Assert.Throws<OutOfMemoryException>(() => Reserve(long.MaxValue / 16));
        Assert.Contains("a device", refused.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, Reserve(10));
    }

    private static nint Reserve(long floats) => (nint)Scratch.Reserve(floats, "a device");
}
