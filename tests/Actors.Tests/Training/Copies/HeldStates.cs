using Actors.Model.Training;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Cluster.Links;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Runtime.Tests.Training.Copies;

/// <summary>Ranks that hold still after a process was lost, and an update that only some of them had made.</summary>
public sealed class HeldStates
{
    private const int Steps = 2;

    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with
    {
        PipelineRanks = 2,
        ExpertRanks = 4,
        RanksPerNode = 2,
        SeparatesNodes = true,
        Replicas = 1,
        Average = new AverageOptions(0.5, EverySteps: 1),
    };

    [Fact]
    public async Task A_held_rank_takes_no_update_of_a_coordinator_and_finishes_the_one_that_others_have_made()
    {
        using LinkedHosts hosts = Hosts();
        ApplyUpdate last = null!;
        var values = new List<float[]>();

        await hosts.TrainAsync(Steps, async savers =>
        {
            foreach (IActorRef saver in savers)
            {
                ShareHeld held = await AskAsync(saver, HoldState.Instance);
                Assert.Equal((null, Steps, Steps), (held.Refusal, held.Oldest, held.Newest!.Step.Step));
                Assert.Equal(Enumerable.Range(1, Steps), held.Latest.Select(step => step.Step));
                last = held.Newest;
            }

            values.Add(hosts.ReadOwned());
            ApplyUpdate next = last with { Step = last.Step with { Step = Steps + 1 } };
            foreach (IActorRef stage in hosts.Stages)
            {
                stage.Tell(next);
            }

            Assert.Equal(Steps, (await AskAsync(savers[0], HoldState.Instance)).Newest!.Step.Step);
            values.Add(hosts.ReadOwned());

            // Twice: a leader may ask again, and what was made is not made again.
            for (int i = 0; i < 2; i++)
            {
                foreach (IActorRef saver in savers)
                {
                    ShareHeld finished = await AskAsync(saver, new FinishUpdate(next));
                    Assert.Equal((Steps + 1, Steps + 1), (finished.Oldest, finished.Newest!.Step.Step));
                }

                values.Add(hosts.ReadOwned());
            }
        });

        Assert.Equal(values[0], values[1]);
        Assert.NotEqual(values[1], values[2]);
        Assert.Equal(values[2], values[3]);
        Assert.All(hosts.Copies, copy => Assert.Equal(copy.Owned, copy.Copy));
    }

    [Fact]
    public async Task A_rank_that_has_failed_refuses_for_its_process()
    {
        using LinkedHosts hosts = Hosts();

        await hosts.TrainAsync(Steps, async savers =>
        {
            await AskAsync(savers[0], HoldState.Instance);
            foreach (IActorRef stage in hosts.Stages)
            {
                hosts.Sys.Stop(stage);
            }

            ShareHeld held = await AskAsync(savers[0], HoldState.Instance);

            Assert.Equal("one of its ranks has failed", held.Refusal);
        });
    }

    private static Task<ShareHeld> AskAsync(IActorRef saver, object message) => saver.Ask<ShareHeld>(message, TimeSpan.FromSeconds(30));

    private static LinkedHosts Hosts()
    {
        using var one = new TrainingFixture(Plan);
        return new LinkedHosts(Plan, one.Batches, sharesMemory: false, [[0, 1], [2, 3]]);
    }
}
