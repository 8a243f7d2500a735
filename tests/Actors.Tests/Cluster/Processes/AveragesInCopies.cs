using Actors.Model.Training;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Tests.Training.Checkpoints;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>The average of the parameters where each process keeps copies for another.</summary>
public sealed class AveragesInCopies
{
    private const int Steps = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_run_that_loses_a_process_and_goes_on_from_copies_has_the_averages_of_an_undisturbed_one(int everySteps)
    {
        RunPlan plan = TrainingFixture.SmallPlan with { PipelineRanks = 1, RanksPerNode = 1, Schedule = "1f1b", SeparatesNodes = true, Replicas = 1, Average = new AverageOptions(0.75, everySteps) };
        using var kept = new KeptCheckpoints(plan.Model);
        using var one = new TrainingFixture(plan) { BiasUpdateSpeed = 1e-3, Checkpoints = kept };
        await one.Train(Steps).FishForMessageAsync<TrainingEnded>(_ => true);
        using var cluster = new LocalCluster(plan, one.Batches, Steps, checkpointEverySteps: 4, processes: 2, isElastic: false);
        LocalCluster.LocalProcess first = cluster.Start(2), second = cluster.Start(2);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.WritesAsync(4);
        await cluster.KillAsync(second);
        cluster.MayWrite(Steps);
        cluster.Start(2);
        Assert.Equal(Steps, (await cluster.EndedAsync()).LastStep);

        Assert.Equal(Enumerable.Range(1, Steps), cluster.Steps.Select(step => step.Step));
        SameTensors.Assert(AverageIn(kept.Folder), AverageIn(cluster.Folder));
    }

    private static string AverageIn(string folder) => Path.Combine(Directory.GetDirectories(folder, "step-*").Max(StringComparer.Ordinal)!, TrainingCheckpoint.AverageFolder);
}
