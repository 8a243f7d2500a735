using System.Collections.Immutable;

namespace Actors.Schedules.Tests;

public class PlacementTests
{
    [Fact]
    public void A_straight_placement_puts_stage_s_on_rank_s_for_every_micro_batch()
    {
        var placement = Placement.Straight(3, 2);
        Assert.Equal((3, 3, 2, 1), (placement.Ranks, placement.Stages, placement.MicroBatches, placement.Directions));
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(stage => placement.RankOf(stage, 1)));
        Assert.Equal<int>([2], placement.StagesOf(2));
    }

    [Fact]
    public void A_looped_placement_goes_round_the_ranks()
    {
        var placement = Placement.Looped(3, stagesPerRank: 2, microBatches: 4);
        Assert.Equal((3, 6, 4, 1), (placement.Ranks, placement.Stages, placement.MicroBatches, placement.Directions));
        Assert.Equal<int>([0, 1, 2, 0, 1, 2], placement.RanksOfDirection(0));
        Assert.Equal<int>([1, 4], placement.StagesOf(1));
    }

    [Fact]
    public void A_placement_in_a_V_goes_down_the_ranks_and_back_up()
    {
        var placement = Placement.Vee(3, microBatches: 4);
        Assert.Equal((3, 6, 4, 1), (placement.Ranks, placement.Stages, placement.MicroBatches, placement.Directions));
        Assert.Equal<int>([0, 1, 2, 2, 1, 0], placement.RanksOfDirection(0));
        Assert.Equal<int>([0, 5], placement.StagesOf(0));
    }

    [Fact]
    public void Mirrored_units_send_half_of_each_down_and_of_an_odd_one_more()
    {
        Assert.Equal<int>([0, 0, 1, 1, 0, 0, 1, 1], Placement.Mirrored(4, 8, unit: 4).DirectionOfMicroBatch);
        Assert.Equal<int>([0, 0, 1], Placement.Mirrored(4, 3, unit: 3).DirectionOfMicroBatch);
        Assert.Equal<int>([3, 2, 1, 0], Placement.Mirrored(4, 8, unit: 4).RanksOfDirection(1));
    }

    [Fact]
    public void Equal_maps_make_equal_placements()
    {
        Assert.Equal(Placement.Mirrored(2, 4), new Placement(2, [[0, 1], [1, 0]], [0, 0, 1, 1]));
        Assert.Equal(Placement.Mirrored(2, 4).GetHashCode(), new Placement(2, [[0, 1], [1, 0]], [0, 0, 1, 1]).GetHashCode());
        Assert.NotEqual(Placement.Mirrored(2, 4), new Placement(2, [[0, 1], [1, 0]], [0, 1, 0, 1]));
        Assert.NotEqual(Placement.Mirrored(2, 4), Placement.Straight(2, 4));
    }

    [Fact]
    public void Maps_that_do_not_fit_are_refused_with_the_entry()
    {
        Refused("direction 1 maps 1 stages, direction 0 maps 2: they must agree", 2, [[0, 1], [0]], [0]);
        Refused("direction 0 puts stage 1 on rank 2: ranks go from 0 to 1", 2, [[0, 2]], [0]);
        Refused("micro-batch 1 has direction 1: directions go from 0 to 0", 2, [[0, 1]], [0, 1]);
        Refused("a placement needs at least one direction, one stage and one micro-batch", 2, [], [0]);
        Assert.Contains("not 3", Assert.Throws<ArgumentException>(() => Placement.Mirrored(2, 3)).Message);

        static void Refused(string message, int ranks, ImmutableArray<ImmutableArray<int>> maps, ImmutableArray<int> directions)
            => Assert.Equal(message, Assert.Throws<ArgumentException>(() => new Placement(ranks, maps, directions)).Message);
    }

    [Fact]
    public void A_timetable_needs_a_list_for_each_rank()
    {
        var error = Assert.Throws<ArgumentException>(() => new Timetable("mine", Placement.Straight(2, 1), [[StageAction.Forward(0, 0)]]));
        Assert.Equal("a timetable of 2 ranks needs as many lists of actions, not 1", error.Message);
    }
}
