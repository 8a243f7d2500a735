using System.Collections.Immutable;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Runtime.Tests.Training;

/// <summary>Who computes longest waits least: that process is named, with what the others waited and what it waited itself.</summary>
public sealed class ProcessWaitsTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { ExpertRanks = 4, RanksPerNode = 2, PipelineRanks = 2, SeparatesNodes = true };
    private static readonly ImmutableArray<RunProcess> Processes =
        [new([0], ActorRefs.Nobody), new([1, 2], ActorRefs.Nobody), new([3], ActorRefs.Nobody)];

    [Fact]
    public void A_process_whose_ranks_wait_far_less_is_named_after_so_many_steps()
    {
        ProcessWaited? waited = Play(rank => Plan.NodeOf(rank) == 3 ? 10 : 60);

        Assert.Equal(new ProcessWaited(2, 0.6, 0.1), waited);
    }

    [Fact]
    public void Ranks_that_wait_alike_name_nobody() => Assert.Null(Play(rank => 40 + rank)!.Process);

    [Fact]
    public void Each_lot_of_steps_is_judged_by_itself()
    {
        var waits = new ProcessWaits(Plan, Processes);
        Play(waits, rank => Plan.NodeOf(rank) == 3 ? 10 : 60, ProcessWaits.Steps);

        ProcessWaited? then = Play(waits, _ => 30, ProcessWaits.Steps);

        Assert.Equal(new ProcessWaited(null, 0.3, 0.3), then);
        Assert.Null(Play(waits, _ => 30, ProcessWaits.Steps - 1));
    }

    private static ProcessWaited? Play(Func<int, long> waitOf) => Play(new ProcessWaits(Plan, Processes), waitOf, ProcessWaits.Steps);

    private static ProcessWaited? Play(ProcessWaits waits, Func<int, long> waitOf, int steps)
    {
        ProcessWaited? last = null;
        for (int step = 1; step <= steps; step++)
        {
            for (int rank = 0; rank < Plan.Ranks; rank++)
            {
                // A third of the waiting each: rows, ranks, stages.
                long wait = waitOf(rank);
                var times = new RankTimes(100, 100 - wait, 0, 0, wait / 2, wait - (wait / 2), default, default);
                waits.Add(new StagePlayed(rank, step, [], 0, [], times, 0, 0));
            }

            last = waits.EndStep();
        }

        return last;
    }
}
