using Actors.Schedules.Formats;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

public class TimetableSimulatorTests
{
    [Fact]
    public void Two_ranks_of_1F1B_are_timed_as_by_hand()
    {
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 2));
        var run = TimetableSimulator.Simulate(timetable, new ActionCosts(1, 1, 1, sendLatency: 0.5));

        // Rank 0: 0F0 0-1, 0F1 1-2, waits for 1B0 (4.5) and the way, 0B0 5-7, 0B1 waits for 1B1 (7.5): 8-10.
        // Rank 1: 1F0 1.5-2.5, 1B0 2.5-4.5, 1F1 4.5-5.5, 1B1 5.5-7.5.
        Assert.Equal([0, 1, 5, 8], Enumerable.Range(0, 4).Select(position => run.StartOf(0, position)));
        Assert.Equal([1.5, 2.5, 4.5, 5.5], Enumerable.Range(0, 4).Select(position => run.StartOf(1, position)));
        Assert.Equal(10, run.StepTime);
        Assert.Equal(4, run.BubbleOf(0));
        Assert.Equal(4, run.BubbleOf(1));
        Assert.Equal(0.4, run.BubbleFraction, 12);
    }

    [Fact]
    public void The_bubble_of_1F1B_is_exactly_its_formula_on_every_rank()
    {
        foreach (var (forward, input, weights) in new[] { (1, 1, 1), (3, 4, 2), (5, 1, 1), (2, 7, 3) })
        {
            var costs = new ActionCosts(forward, input, weights);
            for (var ranks = 1; ranks <= 16; ranks++)
            {
                foreach (var microBatches in new[] { 1, ranks, 2 * ranks + 3, 64 })
                {
                    var run = Simulate("1f1b", ranks, microBatches, costs);
                    var formula = (ranks - 1) * (costs.Forward + costs.Backward);
                    Assert.All(Enumerable.Range(0, ranks), rank => Assert.Equal(formula, run.BubbleOf(rank)));
                }
            }
        }
    }

    // Found by simulating all integer costs from 1 to 4 at three sizes: the formula is met on every rank exactly where I = F, W <= F and
    // a pair gains nothing, F&B = F + B, which includes F = I = W.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(5, 0)]
    public void The_bubble_of_DualPipe_is_exactly_its_formula_on_every_rank_where_I_equals_F_and_W_is_no_longer(int forward, int weights)
    {
        var costs = new ActionCosts(forward, forward, weights);
        for (var ranks = 2; ranks <= 16; ranks += 2)
        {
            for (var microBatches = 2 * ranks; microBatches <= 64; microBatches += 6)
            {
                var run = Simulate("dualpipe", ranks, microBatches, costs);
                Assert.All(Enumerable.Range(0, ranks), rank => Assert.Equal(DualPipeFormula(ranks, costs), run.BubbleOf(rank)));
            }
        }
    }

    // The same simulation: a bound on every rank wherever I is not shorter than F or W, whatever the pair gains.
    [Fact]
    public void The_bubble_of_DualPipe_is_at_most_its_formula_where_I_is_no_shorter_than_F_and_W()
    {
        foreach (var (forward, input, weights) in new[] { (1, 1, 1), (2, 3, 2), (4, 6, 4), (2, 3, 1), (1, 2, 2), (3, 5, 4) })
        {
            for (var pair = Math.Max(forward, input + weights); pair <= forward + input + weights; pair++)
            {
                var costs = new ActionCosts(forward, input, weights, pair: pair);
                foreach (var (ranks, microBatches) in new[] { (2, 4), (4, 8), (8, 20), (16, 40) })
                {
                    var run = Simulate("dualpipe", ranks, microBatches, costs);
                    var formula = DualPipeFormula(ranks, costs);
                    Assert.All(Enumerable.Range(0, ranks), rank => Assert.InRange(run.BubbleOf(rank), 0, formula));
                }
            }
        }
    }

    [Fact]
    public void With_other_costs_the_formula_of_DualPipe_is_not_met()
    {
        var costs = new ActionCosts(2, 3, 2);
        var run = Simulate("dualpipe", 8, 20, costs);
        Assert.Equal(18, DualPipeFormula(8, costs));
        Assert.All(Enumerable.Range(0, 8), rank => Assert.Equal(16, run.BubbleOf(rank)));
    }

    [Fact]
    public void DualPipe_has_less_bubble_than_1F1B_at_equal_ranks()
    {
        var dualPipe = Simulate("dualpipe", 16, 120, ActionCosts.Balanced);
        var plain = Simulate("1f1b", 16, 120, ActionCosts.Balanced);
        Assert.Equal(14, dualPipe.BubbleOf(0));
        Assert.Equal(45, plain.BubbleOf(0));
        Assert.True(dualPipe.BubbleFraction < plain.BubbleFraction);
    }

    [Fact]
    public void Time_is_busy_plus_bubble_and_actions_of_a_rank_never_overlap()
    {
        var run = Simulate("dualpipe", 8, 20, new ActionCosts(1.5, 2.25, 1, pair: 4, sendLatency: 0.125));
        for (var rank = 0; rank < 8; rank++)
        {
            Assert.Equal(run.StepTime, run.BusyOf(rank) + run.BubbleOf(rank), 9);
            for (var position = 1; position < run.Timetable.ActionsOf(rank).Length; position++)
            {
                Assert.True(run.StartOf(rank, position) >= run.EndOf(rank, position - 1));
            }
        }
    }

    [Fact]
    public void A_deadlocked_timetable_is_refused_with_the_place()
    {
        var timetable = TimetableText.Parse("0F0 0B0 0F1 0B1\n1F0 1F1 1B0 1B1\n");
        var error = Assert.Throws<InvalidOperationException>(() => TimetableSimulator.Simulate(timetable, ActionCosts.Balanced));
        Assert.StartsWith("The timetable cannot be played to its end: rank 0 never gets past 0B0 at position 1.", error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_cost_that_is_no_duration_is_refused(double cost)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new ActionCosts(1, cost, 1));

    private static SimulatedRun Simulate(string schedule, int ranks, int microBatches, ActionCosts costs)
        => TimetableSimulator.Simulate(ScheduleCatalog.Create(schedule, new PipelineSize(ranks, microBatches)), costs);

    // The README of deepseek-ai/DualPipe: (PP/2 - 1)(F&B + B - 3W).
    private static double DualPipeFormula(int ranks, ActionCosts costs)
        => (ranks / 2 - 1) * (costs.Pair + costs.Backward - 3 * costs.BackwardWeights);
}
