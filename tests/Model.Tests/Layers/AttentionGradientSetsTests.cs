using Actors.Cpu;
using Actors.Model.Layers;

namespace Actors.Model.Tests.Layers;

/// <summary>Lending of what attention's backward leaves.</summary>
public sealed class AttentionGradientSetsTests : IDisposable
{
    private readonly CpuBackend _backend = new();
    private readonly AttentionGradientSets _sets;

    public AttentionGradientSetsTests() => _sets = new AttentionGradientSets(_backend, TinyModel.DefaultConfig, 4);

    public void Dispose()
    {
        _sets.Dispose();
        _backend.Dispose();
    }

    [Fact]
    public void A_set_is_lent_to_one_at_a_time()
    {
        AttentionGradients first = _sets.Rent(), second = _sets.Rent();
        Assert.NotSame(first, second);
        _sets.Return(first);
        Assert.Same(first, _sets.Rent());
        Assert.Equal(2, _sets.Count);
    }

    [Fact]
    public void A_thread_gets_what_it_had_last_though_another_gave_one_back_later()
    {
        AttentionGradients own = _sets.Rent(), others = _sets.Rent();
        _sets.Return(own);
        var thread = new Thread(() => _sets.Return(others));
        thread.Start();
        thread.Join();
        Assert.Same(own, _sets.Rent());
        Assert.Same(others, _sets.Rent());
        Assert.Equal(2, _sets.Count);
    }

    [Fact]
    public void Many_threads_share_few_sets_and_never_one_at_the_same_time()
    {
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            AttentionGradients set = _sets.Rent();
            int before = set.Tokens;
            set.Tokens = before + 1;
            Thread.SpinWait(20);
            Assert.Equal(before + 1, set.Tokens);
            _sets.Return(set);
        });
        Assert.InRange(_sets.Count, 1, 4);
    }
}
