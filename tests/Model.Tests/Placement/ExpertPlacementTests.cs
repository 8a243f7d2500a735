using Actors.Model.Placement;

namespace Actors.Model.Tests.Placement;

public sealed class ExpertPlacementTests
{
    [Fact]
    public void Experts_are_contiguous_by_rank_and_ranks_by_node()
    {
        var placement = new ExpertPlacement(16, 8, 4);
        Assert.Equal(2, placement.ExpertsPerRank);
        Assert.Equal(2, placement.Nodes);
        Assert.Equal(7, placement.RankOf(15));
        Assert.Equal(1, placement.RankOf(2));
        Assert.Equal(1, placement.NodeOf(4));
        Assert.Equal(2, placement.LocalOf(6));
        Assert.Equal(6, placement.RankAt(1, 2));
        Assert.Equal(new ExpertRange(6, 2), placement.ExpertsOf(3));
        Assert.Equal(Enumerable.Range(0, 16), placement.Ranges().SelectMany(range => Enumerable.Range(range.First, range.Count)));
    }

    [Fact]
    public void Fewer_ranks_than_a_node_holds_are_one_node() => Assert.Equal(1, new ExpertPlacement(16, 2, 8).Nodes);

    [Theory]
    [InlineData(16, 3, 1, "16 routed experts do not divide over 3 ranks, and every rank holds as many; use a divisor of 16.")]
    [InlineData(16, 8, 3, "8 expert ranks do not fill nodes of 3 ranks; use a divisor of 8.")]
    [InlineData(16, 0, 1, "at least one")]
    public void What_does_not_divide_is_refused_with_the_rule(int experts, int ranks, int ranksPerNode, string rule)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ExpertPlacement(experts, ranks, ranksPerNode));
        Assert.Contains(rule, error.Message);
    }

    [Fact]
    public void A_number_that_does_not_exist_is_named_with_the_count()
    {
        var placement = new ExpertPlacement(16, 8, 4);
        Assert.Contains("There are 16 experts.", Assert.Throws<ArgumentOutOfRangeException>(() => placement.RankOf(16)).Message);
        Assert.Contains("There are 8 ranks.", Assert.Throws<ArgumentOutOfRangeException>(() => placement.NodeOf(-1)).Message);
    }
}
