using Actors.Schedules.Checking;
using Actors.Schedules.Generators;

namespace Actors.Schedules.Tests.Generators;

public class ForwardOnlyTests
{
    [Fact]
    public void Every_size_passes_the_checker_without_a_backward()
    {
        for (var ranks = 1; ranks <= 16; ranks++)
        {
            for (var microBatches = 1; microBatches <= 64; microBatches += 3)
            {
                var timetable = ScheduleCatalog.ForwardOnly.Create(new PipelineSize(ranks, microBatches));
                Assert.Empty(TimetableChecker.Check(timetable).Violations);
                Assert.Equal(ranks * microBatches, timetable.ActionCount);
            }
        }
    }

    [Fact]
    public void A_model_placed_for_DualPipe_is_evaluated_where_it_stands()
    {
        for (var ranks = 2; ranks <= 16; ranks += 2)
        {
            var timetable = ForwardOnly.Create(Placement.Mirrored(ranks, 6));
            Assert.Empty(TimetableChecker.Check(timetable).Violations);
            Assert.Equal(ranks * 6, timetable.ActionCount);
        }
    }

    [Fact]
    public void A_model_placed_for_any_schedule_is_evaluated_where_it_stands()
    {
        foreach (var schedule in ScheduleCatalog.All)
        {
            for (var ranks = 2; ranks <= 16; ranks += 2)
            {
                var placement = schedule.Create(new PipelineSize(ranks, 2 * ranks)).Placement;
                var timetable = ForwardOnly.Create(placement);

                Assert.Empty(TimetableChecker.Check(timetable).Violations);
                Assert.Equal(placement.Stages * placement.MicroBatches, timetable.ActionCount);
            }
        }
    }

    [Fact]
    public void Micro_batches_pass_a_rank_in_order()
    {
        var timetable = ScheduleCatalog.ForwardOnly.Create(new PipelineSize(3, 4));
        Assert.Equal("1F0 1F1 1F2 1F3", string.Join(' ', timetable.ActionsOf(1)));
    }
}
