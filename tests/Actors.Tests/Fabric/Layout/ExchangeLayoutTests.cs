using Actors.Runtime.Fabric.Layout;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Runtime.Tests.Fabric.Layout;

public sealed class ExchangeLayoutTests
{
    [Fact]
    public void Counts_and_token_lists_are_those_of_plain_loops() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        GroupCase c = GroupCase.Of(seed);
        var random = new Random(seed);
        int tokens = random.Next(60), channels = c.Settings.Channels;
        int[] experts = [.. Enumerable.Range(0, tokens).SelectMany(_ => Choosing.Sometimes(Choosing.Any(c.Shape))(random))];
        var layout = new ExchangeLayout(c.Shape, channels);
        layout.Build(experts, tokens);

        int[][] ranksOf = [.. experts.Chunk(c.Shape.Choices).Select(t => (int[])[.. t.Where(e => e >= 0).Select(c.Shape.RankOfExpert).Distinct()])];
        int[][] nodesOf = [.. ranksOf.Select(ranks => (int[])[.. ranks.Select(c.Shape.NodeOf).Distinct()])];
        for (int channel = 0; channel < channels; channel++)
        {
            int first = layout.FirstToken(channel), end = layout.FirstToken(channel + 1);
            for (int rank = 0; rank < c.Shape.Ranks; rank++)
            {
                Assert.Equal(ranksOf[first..end].Count(ranks => ranks.Contains(rank)), layout.RowsForRank(rank, channel));
            }

            for (int node = 0; node < c.Shape.Nodes; node++)
            {
                Assert.Equal(
                    Enumerable.Range(first, end - first).Where(token => nodesOf[token].Contains(node)),
                    layout.TokensForNode(node, channel).ToArray());
            }
        }

        Assert.Equal(nodesOf.Select(nodes => nodes.Aggregate(0UL, (bits, node) => bits | 1UL << node)), Enumerable.Range(0, tokens).Select(layout.NodesOfToken));
        Assert.Equal(nodesOf.Select(nodes => nodes.Length).DefaultIfEmpty().Max(), layout.MaxNodesOfToken);
        Assert.Equal(nodesOf.Sum(nodes => nodes.Length), layout.NodesOfTokens);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Channels_cut_the_tokens_into_contiguous_ranges_that_differ_by_at_most_one()
    {
        var layout = new ExchangeLayout(new GroupShape(1, 1, 1, 1, 1), channels: 10);
        layout.Build(new int[37], 37);
        int[] lengths = [.. Enumerable.Range(0, 10).Select(channel => layout.FirstToken(channel + 1) - layout.FirstToken(channel))];
        Assert.Equal(0, layout.FirstToken(0));
        Assert.Equal(37, lengths.Sum());
        Assert.All(lengths, length => Assert.InRange(length, 3, 4));
    }

    [Fact]
    public void A_smaller_batch_leaves_nothing_of_a_larger_one()
    {
        var layout = new ExchangeLayout(new GroupShape(4, 2, 8, 2, 1), channels: 2);
        layout.Build([0, 7, 2, 3, 4, 5, 6, 1], 4);
        layout.Build([4, 4], 1);
        Assert.Equal(1, layout.MaxNodesOfToken);
        Assert.Equal(0b10UL, layout.NodesOfToken(0));
        Assert.Equal([0, 0, 1, 0], Enumerable.Range(0, 4).Select(rank => layout.RowsForRank(rank, 0) + layout.RowsForRank(rank, 1)));
        Assert.True(layout.TokensForNode(0, 0).IsEmpty && layout.TokensForNode(0, 1).IsEmpty);
    }

    [Fact]
    public void The_first_token_beyond_the_node_limit_is_named_with_its_nodes()
    {
        var layout = new ExchangeLayout(new GroupShape(4, 1, 8, 3, 1), channels: 2);
        layout.Build([0, 1, 2, -1, -1, -1, 7, 2, 1, 0, 3, 6], 4);
        Assert.Null(layout.BeyondNodes(3));
        Assert.Equal("token 2 of the chunk goes to nodes 0, 1, 3 of its group, and at most 2 are allowed", layout.BeyondNodes(2));
        layout.Build([0, 1, 2], 1);
        Assert.Null(layout.BeyondNodes(2));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-2)]
    public void An_expert_that_does_not_exist_is_named_with_its_token(int expert)
    {
        var layout = new ExchangeLayout(new GroupShape(4, 2, 8, 2, 1), channels: 1);
        string message = Assert.Throws<ArgumentException>(() => layout.Build([0, 1, 2, expert], 2)).Message;
        Assert.Equal($"Token 1 chooses expert {expert}; there are experts 0..7.", message);
    }
}
