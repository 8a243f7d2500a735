namespace Actors.Schedules.Tests.Generators;

public class ZeroBubbleH1Tests
{
    [Fact]
    public void Rank_r_is_ahead_as_with_1F1B_and_owes_r_backwards_for_weights()
    {
        // What PyTorch 2.11's ScheduleInterleavedZeroBubble, its ZB1P, gives for one stage a rank.
        string[] expected =
        [
            "0F0 0F1 0F2 0F3 0I0 0W0 0F4 0I1 0W1 0F5 0I2 0W2 0F6 0I3 0W3 0F7 0I4 0W4 0I5 0W5 0I6 0W6 0I7 0W7",
            "1F0 1F1 1F2 1I0 1F3 1I1 1W0 1F4 1I2 1W1 1F5 1I3 1W2 1F6 1I4 1W3 1F7 1I5 1W4 1I6 1W5 1I7 1W6 1W7",
            "2F0 2F1 2I0 2F2 2I1 2F3 2I2 2W0 2F4 2I3 2W1 2F5 2I4 2W2 2F6 2I5 2W3 2F7 2I6 2W4 2I7 2W5 2W6 2W7",
            "3F0 3I0 3F1 3I1 3F2 3I2 3F3 3I3 3W0 3F4 3I4 3W1 3F5 3I5 3W2 3F6 3I6 3W3 3F7 3I7 3W4 3W5 3W6 3W7",
        ];
        var timetable = ScheduleCatalog.ZeroBubbleH1.Create(new PipelineSize(4, 8));
        Assert.Equal(expected, Enumerable.Range(0, 4).Select(rank => string.Join(' ', timetable.ActionsOf(rank))));
    }

    [Fact]
    public void Without_its_weights_the_order_is_that_of_1F1B()
    {
        for (var microBatches = 1; microBatches <= 32; microBatches++)
        {
            var size = new PipelineSize(8, microBatches);
            var (split, plain) = (ScheduleCatalog.ZeroBubbleH1.Create(size), ScheduleCatalog.OneForwardOneBackward.Create(size));
            for (var rank = 0; rank < 8; rank++)
            {
                var joined = split.ActionsOf(rank).Where(action => action.Kind != ActionKind.BackwardWeights)
                    .Select(action => action.ToString().Replace('I', 'B'));
                Assert.Equal(plain.ActionsOf(rank).Select(action => action.ToString()), joined);
            }
        }
    }

    [Fact]
    public void It_is_the_interleaved_zero_bubble_of_one_stage_a_rank()
    {
        foreach (var (ranks, microBatches) in new[] { (1, 1), (4, 2), (4, 8), (8, 20), (16, 64) })
        {
            var alone = ScheduleCatalog.ZeroBubbleH1.Create(new PipelineSize(ranks, microBatches));
            var interleaved = ScheduleCatalog.InterleavedZeroBubble.Create(new PipelineSize(ranks, microBatches, StagesPerRank: 1));
            Assert.True(alone.HasSameActionsAs(interleaved));
        }
    }
}
