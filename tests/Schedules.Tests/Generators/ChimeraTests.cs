namespace Actors.Schedules.Tests.Generators;

public class ChimeraTests
{
    [Fact]
    public void Four_ranks_and_four_micro_batches_merge_two_pipelines_of_1F1B()
    {
        // By hand, from the slots of the paper's section 3: 0 and 1 go down and enter in slots 0 and 2, 2 and 3 go up likewise.
        string[] expected =
        [
            "0F0 0F1 3F2 3B2 3F3 3B3 0B0 0B1",
            "1F0 2F2 1F1 2F3 2B2 1B0 2B3 1B1",
            "1F2 2F0 1F3 2F1 2B0 1B2 2B1 1B3",
            "0F2 0F3 3F0 3B0 3F1 3B1 0B2 0B3",
        ];
        Assert.Equal(expected, RowsOf(4, 4));
    }

    [Fact]
    public void The_next_unit_fills_the_slots_that_the_last_leaves_free()
    {
        Assert.Equal("0F0 0F1 3F2 3B2 3F3 3B3 0B0 0F4 0B1 0F5 3F6 3B6 3F7 3B7 0B4 0B5", RowsOf(4, 8)[0]);
        Assert.Equal("1F0 2F2 1F1 2F3 2B2 1B0 2B3 1B1 1F4 2F6 1F5 2F7 2B6 1B4 2B7 1B5", RowsOf(4, 8)[1]);
    }

    [Fact]
    public void Of_an_odd_number_one_more_goes_down()
        => Assert.Equal("0F0 0F1 3F2 3B2 0B0 0B1", RowsOf(4, 3)[0]);

    [Theory]
    [InlineData(5, 10, "chimera needs an even number of ranks, not 5: use 4 or 6")]
    [InlineData(4, 1, "chimera needs at least 2 micro-batches, one in each direction, not 1: use 2")]
    [InlineData(8, 20, "chimera needs at most 8 micro-batches at 8 ranks or a multiple of 8, not 20: use 16 or 24")]
    public void A_size_without_a_schedule_is_refused_with_the_nearest_valid_value(int ranks, int microBatches, string refusal)
        => Assert.Equal(refusal, ScheduleCatalog.Chimera.Refuse(new PipelineSize(ranks, microBatches))?.Rule);

    private static string[] RowsOf(int ranks, int microBatches)
    {
        var timetable = ScheduleCatalog.Chimera.Create(new PipelineSize(ranks, microBatches));
        return [.. Enumerable.Range(0, ranks).Select(rank => string.Join(' ', timetable.ActionsOf(rank)))];
    }
}
