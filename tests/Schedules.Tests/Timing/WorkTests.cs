using Actors.Schedules.Checking;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

/// <summary>The goals of memory are the project's own; every schedule is made, checked and simulated.</summary>
public class WorkTests
{
    private static readonly StepCosts Costs = new(new StageCosts(1, 1, 1))
    {
        Link = new LinkCosts(latency: 0.1, bandwidth: 10),
        LinkBetweenNodes = new LinkCosts(latency: 0.5, bandwidth: 1),
        RanksPerNode = 8,
        ActivationBytes = 1,
    };

    public static TheoryData<string> Schedules => [.. ScheduleCatalog.All.Select(schedule => schedule.Name)];

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Sixty_four_ranks_by_1024_micro_batches_take_under_500_MB(string schedule)
    {
        Assert.InRange(AllocatedBy(schedule, 64, 1024), 0, 500_000_000);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Memory_grows_linearly_with_actions(string schedule)
    {
        Work(schedule, 16, 128);
        var small = AllocatedBy(schedule, 16, 128);
        var large = AllocatedBy(schedule, 16, 1024);

        // Eight times the actions; doubling buffers may leave up to twice that.
        Assert.InRange(large / (double)small, 4, 16);
    }

    private static long AllocatedBy(string schedule, int ranks, int microBatches)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Work(schedule, ranks, microBatches);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Work(string schedule, int ranks, int microBatches)
    {
        var timetable = ScheduleCatalog.Create(schedule, new PipelineSize(ranks, microBatches));
        Assert.True(TimetableChecker.Check(timetable).IsValid);
        var evaluation = ScheduleEvaluation.Of(timetable, Costs);
        Assert.True(evaluation.Run.StepTime > 0);
        Assert.NotEmpty(evaluation.Run.FindCriticalPath().Segments);
    }
}
