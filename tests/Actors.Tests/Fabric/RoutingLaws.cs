using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>What holds for every group, buffer size, token count and choice. A failure names the seed that repeats it.</summary>
public sealed class RoutingLaws(ActorSystemFixture actors) : IClassFixture<ActorSystemFixture>
{
    private static readonly Config FixedSeed = Config.QuickThrowOnFailure.WithReplay(20240607, 2718281);

    [Fact]
    public void Every_choice_arrives_once_at_its_rank_in_source_order() => ForCases(40, ElementType.Float32, (c, group) =>
    {
        c.Fill(group);
        Run(group, c.Moves(), c.UnderWay);
        for (int exchange = 0; exchange < c.Exchanges; exchange++)
        {
            ExchangeChecks.ArrivalsAreSerial(group, exchange, c);
        }
    });

    [Fact]
    public void Sums_have_the_bits_of_ranks_within_nodes_then_nodes() => ForCases(40, ElementType.Float32, (c, group) =>
    {
        c.Fill(group);
        Run(group, c.Moves(), c.UnderWay);
        foreach (Move move in c.Moves())
        {
            ExchangeChecks.SumsAreSerial(group, move, c);
        }
    });

    [Fact]
    public void Rows_of_bfloat16_round_once_where_they_travel_and_sum_in_float32() => ForCases(20, ElementType.BFloat16, (c, group) =>
    {
        c.Fill(group);
        Run(group, c.Moves(), c.UnderWay);
        for (int exchange = 0; exchange < c.Exchanges; exchange++)
        {
            ExchangeChecks.ArrivalsAreSerial(group, exchange, c);
        }

        foreach (Move move in c.Moves())
        {
            ExchangeChecks.SumsAreSerial(group, move, c);
        }
    });

    [Fact]
    public void A_group_serves_step_after_step() => ForCases(10, ElementType.Float32, (c, group) =>
    {
        for (int step = 0; step < 4; step++)
        {
            c.Fill(group, step);
            Run(group, c.Moves(), c.UnderWay);
            foreach (Move move in c.Moves())
            {
                ExchangeChecks.SumsAreSerial(group, move, $"{c}, step {step}");
            }
        }
    });

    [Fact]
    public void A_token_crosses_the_slow_hop_once_for_each_other_node() => ForCases(15, ElementType.Float32, (c, group) =>
    {
        c.Fill(group);
        Run(group, c.Moves(), c.UnderWay);
        long rows = 0;
        foreach (SourceData[] sources in group.Data)
        {
            for (int rank = 0; rank < c.Shape.Ranks; rank++)
            {
                for (int token = 0; token < sources[rank].Tokens; token++)
                {
                    rows += ExpectedExchange.NodesOf(c.Shape, sources[rank], token).Count(node => node != c.Shape.NodeOf(rank));
                }
            }
        }

        // Out and back, forward and backward.
        Assert.True(group.Traffic.Sum(t => t.SlowRows) == 4 * rows, $"{c}: {group.Traffic.Sum(t => t.SlowRows)} slow rows, expected {4 * rows}");
        Assert.Equal(4 * rows * c.Shape.RowBytes, group.Traffic.Sum(t => t.SlowBytes));
    });

    [Fact]
    public void Identity_experts_give_each_token_its_weight_sum_times_itself() => ForCases(15, ElementType.Float32, (c, group) =>
    {
        c.Fill(group);
        Run(group, [new Move(0, ExchangePhase.Forward)], 1);
        for (int rank = 0; rank < c.Shape.Ranks; rank++)
        {
            SourceData source = group.Data[0][rank];
            float[] combined = ExchangeChecks.Combined(source, ExchangePhase.Forward);
            for (int i = 0; i < combined.Length; i++)
            {
                (double sum, double size) = WeightSum(c.Shape, source, i / c.Shape.Columns);

                // Each of at most 2K operations (K products, K additions) rounds by at most half a unit of float32.
                double tolerance = 2 * c.Shape.Choices * size * Math.Abs(source.Rows[i]) * float.BitIncrement(0.5f) / (1 << 23);
                Assert.True(Math.Abs(combined[i] - (sum * source.Rows[i])) <= tolerance, $"{c}: rank {rank}, element {i}");
            }
        }
    });

    private static (double Sum, double Size) WeightSum(GroupShape shape, SourceData source, int token)
    {
        double sum = 0, size = 0;
        for (int k = 0; k < shape.Choices; k++)
        {
            int at = (token * shape.Choices) + k;
            double weight = source.Experts[at] < 0 ? 0 : source.Weights[at];
            sum += weight;
            size += Math.Abs(weight);
        }

        return (sum, size);
    }

    private static void Run(FabricGroup group, Move[] moves, int underWay) => group.PlayAsync(new Play(moves, underWay)).GetAwaiter().GetResult();

    private void ForCases(int count, ElementType type, Action<GroupCase, FabricGroup> law) => Check.One(
        FixedSeed.WithMaxTest(count),
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 100_000).ToArbitrary(), seed =>
        {
            GroupCase c = GroupCase.Of(seed, type);
            try
            {
                using FabricGroup group = c.Build(actors.System);
                law(c, group);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"{c}: no progress");
            }
        }));
}
