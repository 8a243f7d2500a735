using Actors.Schedules.Formats;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

public class StepCostsTests
{
    private static readonly StageCosts Slow = new(2, 3, 4, pair: 6);

    private static readonly StageCosts Fast = new(1, 1, 1, backward: 1.5, pair: 2);

    [Fact]
    public void A_full_backward_is_both_parts_and_a_pair_gains_nothing_where_nothing_else_is_said()
    {
        var costs = new StageCosts(2, 3, 4);
        Assert.Equal((7, 9), (costs.Backward, costs.Pair));
    }

    [Fact]
    public void Every_stage_has_its_own_costs()
    {
        var costs = new StepCosts([Slow, Fast]);

        Assert.Equal([2, 3, 4, 7, 6], Costs(costs, 0));
        Assert.Equal([1, 1, 1, 1.5, 2], Costs(costs, 1));
        Assert.False(costs.IsUniform);
        Assert.True(new StepCosts([Fast, Fast]).IsUniform);
    }

    [Fact]
    public void A_pair_of_two_stages_takes_the_forward_s_part_of_one_and_the_backward_s_part_of_the_other()
    {
        var costs = new StepCosts([Slow, Fast]);

        // The slow pair is 2/9 forward, the fast one 1/2.5.
        Assert.Equal(6 * 2 / 9.0 + 2 * 1.5 / 2.5, costs.Of(StageAction.Pair(0, 0, 1, 0)), 12);
        Assert.Equal(2 * 1 / 2.5 + 6 * 7 / 9.0, costs.Of(StageAction.Pair(1, 0, 0, 0)), 12);
    }

    [Fact]
    public void A_gain_shortens_pairs_of_equal_and_of_unequal_stages_alike()
    {
        var costs = new StepCosts([Slow.WithPairGain(0.2), Fast.WithPairGain(0.2)]);

        Assert.Equal(0.8 * 9, costs.Of(StageAction.Pair(0, 0, 0, 1)), 12);
        Assert.Equal(0.8 * (2 + 1.5), costs.Of(StageAction.Pair(0, 0, 1, 1)), 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => Slow.WithPairGain(1.5));
    }

    [Fact]
    public void Two_ranks_of_unequal_stages_are_timed_as_by_hand()
    {
        var run = TimetableSimulator.Simulate(TimetableText.Parse("0F0 0F1 0B0 0B1\n1F0 1B0 1F1 1B1\n"), new StepCosts([Slow, Fast]));

        // Rank 1: 1F0 2-3, 1B0 3-4.5, 1F1 4.5-5.5, 1B1 5.5-7. Rank 0: 0B0 4.5-11.5, 0B1 to 18.5.
        Assert.Equal(18.5, run.StepTime);
        Assert.Equal((18, 0.5), (run.BusyOf(0), run.BubbleOf(0)));
        Assert.Equal(new BubbleParts(2, 0, 11.5), run.BubblePartsOf(1));
    }

    [Fact]
    public void Costs_of_another_number_of_stages_are_refused()
    {
        var timetable = ScheduleCatalog.Create("1f1b", new PipelineSize(4, 4));
        var error = Assert.Throws<ArgumentException>(() => TimetableSimulator.Simulate(timetable, new StepCosts([Slow, Fast])));
        Assert.Equal("the timetable has 4 stages, and there are costs of 2: give as many", error.Message);
        Assert.Throws<ArgumentException>(() => new StepCosts([]));
    }

    [Fact]
    public void A_chunk_on_a_rank_that_does_not_hold_it_is_refused_with_its_place()
    {
        var timetable = new Timetable("bad", Placement.Straight(2, 1), [[StageAction.Forward(1, 0)], [StageAction.Forward(0, 0)]], forwardOnly: true);
        var error = Assert.Throws<InvalidOperationException>(() => TimetableSimulator.Simulate(timetable, ActionCosts.Balanced));
        Assert.StartsWith("The timetable cannot be played: rank 0 does not hold a chunk of 1F0.", error.Message);
    }

    [Fact]
    public void Values_outside_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StageCosts(1, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepCosts(Fast) { RanksPerNode = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepCosts(Fast) { ActivationBytes = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepCosts(Fast) { GradientBytes = double.NaN });
    }

    private static double[] Costs(StepCosts costs, int stage) =>
    [
        costs.Of(StageAction.Forward(stage, 0)),
        costs.Of(StageAction.BackwardInput(stage, 0)),
        costs.Of(StageAction.BackwardWeights(stage, 0)),
        costs.Of(StageAction.Backward(stage, 0)),
        costs.Of(StageAction.Pair(stage, 0, stage, 1)),
    ];
}
