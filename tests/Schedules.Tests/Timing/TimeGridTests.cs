using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

public class TimeGridTests
{
    [Fact]
    public void Actions_stand_at_their_earliest_slot_and_waits_are_empty()
    {
        var grid = TimeGrid.Of(ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 2)));

        Assert.Equal(6, grid.Slots);
        Assert.Equal(["0F0", "0F1", "", "0B0", "", "0B1"], grid.RowOf(0).Select(cell => cell?.ToString() ?? ""));
        Assert.Equal(["", "1F0", "1B0", "1F1", "1B1"], grid.RowOf(1).Select(cell => cell?.ToString() ?? ""));
    }
}
