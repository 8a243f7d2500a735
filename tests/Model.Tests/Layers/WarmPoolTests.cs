using Actors.Model.Layers;

namespace Actors.Model.Tests.Layers;

/// <summary>Lending of what layers need for a moment.</summary>
public sealed class WarmPoolTests
{
    [Fact]
    public void A_thing_is_lent_to_one_at_a_time()
    {
        using var pool = new WarmPool<Thing>(() => new Thing());
        Thing first = pool.Rent(), second = pool.Rent();
        Assert.NotSame(first, second);
        pool.Return(first);
        Assert.Same(first, pool.Rent());
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void A_thread_gets_what_it_had_last_though_another_gave_one_back_later()
    {
        using var pool = new WarmPool<Thing>(() => new Thing());
        Thing own = pool.Rent(), others = pool.Rent();
        pool.Return(own);
        var thread = new Thread(() => pool.Return(others));
        thread.Start();
        thread.Join();
        Assert.Same(own, pool.Rent());
        Assert.Same(others, pool.Rent());
        Assert.Equal(2, pool.Count);
    }

    [Fact]
    public void Threads_share_no_more_than_they_need_at_once_and_never_one_at_the_same_time()
    {
        using var pool = new WarmPool<Thing>(() => new Thing());
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            Thing thing = pool.Rent();
            int before = thing.Uses++;
            Thread.SpinWait(20);
            Assert.Equal(before + 1, thing.Uses);
            pool.Return(thing);
        });
        Assert.InRange(pool.Count, 1, 4);
    }

    [Fact]
    public void Everything_is_freed_with_the_pool_lent_or_not()
    {
        var pool = new WarmPool<Thing>(() => new Thing());
        Thing lent = pool.Rent(), free = pool.Rent();
        pool.Return(free);
        pool.Dispose();
        Assert.True(lent.IsDisposed);
        Assert.True(free.IsDisposed);
    }

    private sealed class Thing : IDisposable
    {
        public int Uses { get; set; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
