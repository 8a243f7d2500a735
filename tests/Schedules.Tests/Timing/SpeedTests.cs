using System.Diagnostics;
using Actors.Schedules.Checking;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

public class SpeedTests
{
    private static readonly StepCosts Costs = new(new StageCosts(1, 1, 1))
    {
        Link = new LinkCosts(latency: 0.1, bandwidth: 10),
        LinkBetweenNodes = new LinkCosts(latency: 0.5, bandwidth: 1),
        RanksPerNode = 8,
        ActivationBytes = 1,
    };

    [Fact]
    public void Sixteen_ranks_by_120_micro_batches_are_made_checked_and_simulated_in_under_50_ms()
    {
        // The goal is the project's own; the fastest of ten counts, since the machine runs other things too.
        var fastest = TimeSpan.MaxValue;
        for (var round = 0; round < 10; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Work(16, 120);
            var elapsed = Stopwatch.GetElapsedTime(start);
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        Assert.InRange(fastest.TotalMilliseconds, 0, 50);
    }

    [Fact]
    public void Sixty_four_ranks_by_1024_micro_batches_are_made_checked_and_evaluated_in_under_2_s_and_500_MB()
    {
        // The faster of two counts, since the machine runs other things too.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Work(64, 1024);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        start = Stopwatch.GetTimestamp();
        Work(64, 1024);
        var second = Stopwatch.GetElapsedTime(start);

        Assert.InRange(Math.Min(elapsed.TotalSeconds, second.TotalSeconds), 0, 2);
        Assert.InRange(allocated, 0, 500_000_000);
    }

    [Fact]
    public void Memory_grows_linearly_with_actions()
    {
        Work(16, 128);
        var small = AllocatedBy(16, 128);
        var large = AllocatedBy(16, 1024);

        // Eight times the actions; doubling buffers may leave up to twice that.
        Assert.InRange(large / (double)small, 4, 16);
    }

    private static long AllocatedBy(int ranks, int microBatches)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Work(ranks, microBatches);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Work(int ranks, int microBatches)
    {
        var timetable = ScheduleCatalog.DualPipe.Create(new PipelineSize(ranks, microBatches));
        Assert.True(TimetableChecker.Check(timetable).IsValid);
        var evaluation = ScheduleEvaluation.Of(timetable, Costs);
        Assert.True(evaluation.Run.StepTime > 0);
        Assert.NotEmpty(evaluation.Run.FindCriticalPath().Segments);
    }
}
