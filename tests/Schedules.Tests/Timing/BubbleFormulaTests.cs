using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

/// <summary>
/// Bubbles that a formula gives exactly, on every rank, with free communication. F, I, W and B = I + W are the costs of a chunk; where a
/// formula needs a relation between them, simulating all whole costs up to 4 showed that it holds there and nowhere else. Those of 1F1B
/// and DualPipe stand in <see cref="TimetableSimulatorTests"/>.
/// </summary>
public class BubbleFormulaTests
{
    private static readonly ActionCosts[] AnyCosts = [new(1, 1, 1), new(3, 4, 2), new(5, 1, 1), new(2, 7, 3), new(1, 2, 4), new(4, 1, 0)];

    [Fact]
    public void GPipe_waits_for_a_forward_and_a_backward_of_every_other_rank()
    {
        foreach (var costs in AnyCosts)
        {
            AssertBubbles("gpipe", 1, costs, (size, c) => (size.Ranks - 1) * (c.Forward + c.Backward));
        }
    }

    // Where there are fewer micro-batches than ranks, every stage of a rank but one leaves the rest of a round empty.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Interleaved_1F1B_waits_for_chunks_where_1F1B_waits_for_ranks(int stages)
    {
        foreach (var costs in AnyCosts)
        {
            AssertBubbles("interleaved-1f1b", stages, costs, (size, c)
                => (size.Ranks - 1 + ((stages - 1) * Math.Max(0, size.Ranks - size.MicroBatches))) * (c.Forward + c.Backward));
        }
    }

    // The paper gives (N-1)(F+B-2W), B the full backward, which is (N-1)(F+I-W). Exact where W is no longer than F and I.
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(3, 4, 2)]
    [InlineData(4, 2, 1)]
    [InlineData(1, 3, 0)]
    public void ZB1P_fills_all_of_1F1Bs_bubble_but_what_its_weights_are_too_short_for(int forward, int input, int weights)
    {
        var costs = new ActionCosts(forward, input, weights);
        AssertBubbles("zb1p", 1, costs, FilledByWeights);
        AssertBubbles("interleaved-zero-bubble", 1, costs, FilledByWeights);
        AssertBubbles("interleaved-zero-bubble", 2, costs, FilledByWeights);
        AssertBubbles("interleaved-zero-bubble", 4, costs, FilledByWeights);
    }

    [Fact]
    public void ZB1P_cannot_fill_more_than_there_is_where_weights_are_longer()
    {
        var costs = new ActionCosts(1, 1, 2);
        var run = Simulate("zb1p", new PipelineSize(4, 8), costs);
        Assert.Equal(0, FilledByWeights(new PipelineSize(4, 8), costs));
        Assert.Equal(3, run.BubbleOf(0));
    }

    // Rank r starts r forwards late and ends as much before rank 0, which is the whole of its bubble: N-1.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ZBV_never_waits_between_its_first_and_last_action_where_all_costs_are_equal(int cost)
    {
        var costs = new ActionCosts(cost, cost, cost);
        for (var ranks = 1; ranks <= 16; ranks++)
        {
            for (var microBatches = (2 * ranks) - 1; microBatches <= 64; microBatches += 3)
            {
                var run = Simulate("zbv", new PipelineSize(ranks, microBatches), costs);
                for (var rank = 0; rank < ranks; rank++)
                {
                    var last = run.Timetable.ActionsOf(rank).Length - 1;
                    Assert.Equal(run.BusyOf(rank), run.EndOf(rank, last) - run.StartOf(rank, 0));
                    Assert.Equal(rank * cost, run.StartOf(rank, 0));
                    Assert.Equal((ranks - 1) * cost, run.BubbleOf(rank));
                }
            }
        }
    }

    // One unit waits for N-2 of the longer action; each further unit waits besides, as direct concatenation fits only where F = B.
    [Fact]
    public void Chimera_waits_for_two_chunks_less_than_ranks_and_between_units_for_what_a_backward_is_longer()
    {
        foreach (var costs in AnyCosts)
        {
            AssertBubbles("chimera", 1, costs, (size, c) => (size.Ranks - 2)
                * (Math.Max(c.Forward, c.Backward) + (((size.MicroBatches / size.Ranks) - 1) * Math.Abs(c.Backward - c.Forward))));
        }
    }

    // DualPipe's formula for 2N stages, (N-1)(F&B + B - 3W); as there, exact where I = F, W <= F and a pair gains nothing.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 0)]
    public void DualPipeV_has_the_bubble_of_DualPipe_on_half_the_ranks(int forward, int weights)
        => AssertBubbles("dualpipev", 2, new ActionCosts(forward, forward, weights),
            (size, c) => (size.Ranks - 1) * (c.Pair + c.Backward - (3 * c.BackwardWeights)));

    private static double FilledByWeights(PipelineSize size, ActionCosts costs)
        => (size.Ranks - 1) * (costs.Forward + costs.Backward - (2 * costs.BackwardWeights));

    // At every third size up to 16 ranks and 64 micro-batches that has as many micro-batches as ranks, and at small ones of interleaved
    // 1F1B, whose formula covers them.
    private static void AssertBubbles(string name, int stages, ActionCosts costs, Func<PipelineSize, ActionCosts, double> formula)
    {
        Assert.True(ScheduleCatalog.TryFind(name, out var schedule, out _));
        for (var ranks = 1; ranks <= 16; ranks++)
        {
            for (var microBatches = name == "interleaved-1f1b" ? 1 : ranks; microBatches <= 64; microBatches += name == "chimera" ? 1 : 3)
            {
                var size = new PipelineSize(ranks, microBatches, stages);
                if (schedule.Refuse(size) is not null)
                {
                    continue;
                }

                var run = Simulate(name, size, costs);
                for (var rank = 0; rank < ranks; rank++)
                {
                    Assert.Equal((size, rank, formula(size, costs)), (size, rank, run.BubbleOf(rank)));
                }
            }
        }
    }

    private static SimulatedRun Simulate(string name, PipelineSize size, ActionCosts costs)
        => TimetableSimulator.Simulate(ScheduleCatalog.Create(name, size), costs);
}
