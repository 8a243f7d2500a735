using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Groups, buffers and batches at their edges come to the right end.</summary>
public sealed class ProgressTests(ActorSystemFixture actors) : IClassFixture<ActorSystemFixture>
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 4, 10)]
    [InlineData(4, 2, 2)]
    [InlineData(8, 2, 1)]
    [InlineData(32, 8, 10)]
    [InlineData(32, 8, 1)]
    public async Task Rings_of_one_slot_and_one_row_make_progress(int ranks, int ranksPerNode, int channels)
    {
        var shape = new GroupShape(ranks, ranksPerNode, experts: 2 * ranks, choices: Math.Min(8, 2 * ranks), columns: 5);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(channels, ChunkRows: 1, SlotsPerRing: 1), exchanges: 2);
        await RunAndCheck(group, Tokens(11), Choosing.Any(shape), underWay: 2);
    }

    [Fact]
    public async Task All_tokens_to_one_rank_arrive()
    {
        var shape = new GroupShape(8, 2, experts: 32, choices: 3, columns: 9);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(2, 4, 1), exchanges: 2);
        await RunAndCheck(group, Tokens(33), Choosing.OneRank(shape, 5), underWay: 2);
        Assert.Equal(8 * 33, group.Arrivals[0]![5].RowsFrom.Sum());
    }

    [Fact]
    public async Task Tokens_that_choose_nobody_come_back_as_zeros()
    {
        var shape = new GroupShape(8, 2, experts: 32, choices: 3, columns: 9);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(2, 4, 2), exchanges: 2);
        await RunAndCheck(group, Tokens(20), Choosing.None(shape), underWay: 2);
        Assert.All(ExchangeChecks.Combined(group.Data[0][3], ExchangePhase.Forward), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_batch_of_so_few_tokens_on_every_rank_ends(int tokens)
    {
        var shape = new GroupShape(8, 2, experts: 32, choices: 3, columns: 9);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(10, 4, 2), exchanges: 2);
        await RunAndCheck(group, Tokens(tokens), Choosing.Any(shape), underWay: 2);
    }

    [Fact]
    public async Task One_token_on_a_single_rank_of_the_group_is_enough()
    {
        var shape = new GroupShape(8, 2, experts: 32, choices: 8, columns: 9);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(10, 4, 2), exchanges: 1);
        await RunAndCheck(group, rank => rank == 6 ? 1 : 0, Choosing.Any(shape), underWay: 1);
    }

    [Fact]
    public async Task Uneven_ranks_with_many_exchanges_under_way_stay_apart()
    {
        var shape = new GroupShape(8, 2, experts: 16, choices: 4, columns: 17);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(2, 3, 1), exchanges: 8);
        for (int repeat = 0; repeat < 5; repeat++)
        {
            await RunAndCheck(group, rank => rank * rank * 3, Choosing.OnNodes(shape, 2), underWay: 8);
        }
    }

    [Fact]
    public async Task An_exchange_without_tokens_can_be_used_again_at_once()
    {
        // A rank whose tokens all go to other nodes must still not end before its own node has had its turn.
        var shape = new GroupShape(4, 2, experts: 8, choices: 2, columns: 3);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(2, 2, 1), exchanges: 1);
        for (int step = 0; step < 200; step++)
        {
            await RunAndCheck(group, rank => step % 2 == 0 ? 2 : rank % 2 * 5, Choosing.OneRank(shape, step % 4), underWay: 1);
        }
    }

    [Fact]
    public async Task Node_limited_choices_reach_no_more_nodes_than_the_limit()
    {
        var shape = new GroupShape(32, 8, experts: 256, choices: 8, columns: 4);
        using var group = new FabricGroup(actors.System, shape, new FabricSettings(2, 8, 2), exchanges: 1);
        await RunAndCheck(group, Tokens(16), Choosing.OnNodes(shape, 2), underWay: 1);
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            Assert.InRange(group.FabricOf(rank).Source(rank, 0).Layout.MaxNodesOfToken, 1, 2);
        }
    }

    private static Func<int, int> Tokens(int count) => _ => count;

    /// <summary>Plays every exchange forward, then backward, and compares all that arrived and came back.</summary>
    private static async Task RunAndCheck(FabricGroup group, Func<int, int> tokens, Func<Random, int[]> choose, int underWay)
    {
        var random = new Random(42);
        Move[] moves =
        [
            .. Enumerable.Range(0, group.Data.Length).Select(exchange => new Move(exchange, ExchangePhase.Forward)),
            .. Enumerable.Range(0, group.Data.Length).Select(exchange => new Move(exchange, ExchangePhase.Backward)),
        ];
        foreach (SourceData[] sources in group.Data)
        {
            for (int rank = 0; rank < sources.Length; rank++)
            {
                sources[rank] = group.MakeData(random, tokens(rank), choose);
            }
        }

        await group.PlayAsync(new Play(moves, underWay));
        foreach (Move move in moves)
        {
            ExchangeChecks.SumsAreSerial(group, move, "seed 42");
            ExchangeChecks.ArrivalsAreSerial(group, move.Exchange, "seed 42");
        }
    }
}
