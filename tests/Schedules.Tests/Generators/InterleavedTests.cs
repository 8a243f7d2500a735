namespace Actors.Schedules.Tests.Generators;

public class InterleavedTests
{
    [Fact]
    public void Two_stages_a_rank_are_the_default()
        => Assert.True(ScheduleCatalog.Create("interleaved-1f1b", new PipelineSize(4, 8))
            .HasSameActionsAs(ScheduleCatalog.Create("interleaved-1f1b", new PipelineSize(4, 8, StagesPerRank: 2))));

    [Fact]
    public void Rounds_are_longer_than_the_ranks_where_these_do_not_divide_the_micro_batches()
    {
        // 10 micro-batches at 4 ranks are 2 rounds of 5: the first stage plays 0 to 4, then the second does.
        var first = ScheduleCatalog.Create("interleaved-1f1b", new PipelineSize(4, 10)).ActionsOf(3);
        Assert.Equal("3F0 3F1 3F2 3F3 3F4 7F0 7B0", string.Join(' ', first.Take(7)));
    }

    [Theory]
    [InlineData("interleaved-1f1b")]
    [InlineData("interleaved-zero-bubble")]
    public void Micro_batches_that_rounds_do_not_divide_are_refused_with_the_nearest_that_they_do(string name)
    {
        Assert.True(ScheduleCatalog.TryFind(name, out var schedule, out _));
        Assert.Equal(
            $"{name} plays 11 micro-batches at 4 ranks in 2 rounds, which do not divide them: use 10 or 12",
            schedule.Refuse(new PipelineSize(4, 11))?.Rule);
        Assert.Equal(
            $"{name} plays 1000 micro-batches at 7 ranks in 142 rounds, which do not divide them: use 994 or 1001",
            schedule.Refuse(new PipelineSize(7, 1000))?.Rule);
        Assert.Equal($"{name} needs at least 1 stage a rank, not 0: use 1", schedule.Refuse(new PipelineSize(4, 8, 0))?.Rule);
    }
}
