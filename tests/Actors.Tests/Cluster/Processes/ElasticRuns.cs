using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>A run that goes on with fewer ranks while devices are missing.</summary>
public sealed class ElasticRuns
{
    private const int Steps = 12;

    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with
    {
        Schedule = "1f1b",
        MicroBatches = 2,
        DataGroups = 2,
        ExpertRanks = 2,
        RanksPerNode = 1,
        SeparatesNodes = true,
    };

    [Theory]
    [InlineData(2, 2, 0, "PP 2 x EP 2 in 4 nodes")]
    [InlineData(2, 2, 1, "PP 2 x EP 2 in 4 nodes")]
    [InlineData(1, 4, 1, "PP 2 x EP 2 in 4 nodes")]
    [InlineData(1, 2, 1, "PP 2 x EP 1 in 2 nodes")]
    public async Task A_run_that_loses_a_process_trains_the_same_steps_with_fewer_ranks_and_later_with_all_again(
        int dataGroups, int expertRanks, int replicas, string smaller)
    {
        RunPlan plan = Plan with { DataGroups = dataGroups, ExpertRanks = expertRanks, Replicas = replicas };
        (IBatchSource batches, List<StepCompleted> undisturbed) = await UndisturbedAsync(plan);
        using var cluster = new LocalCluster(plan, batches, Steps, checkpointEverySteps: 4, processes: 2);
        int half = plan.Ranks / 2;
        LocalCluster.LocalProcess first = cluster.Start(half), second = cluster.Start(half);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.NoticeAsync($"{plan.Description} on 2 processes");
        await cluster.WritesAsync(4);
        await cluster.KillAsync(second);
        cluster.MayWrite(4);
        await cluster.NoticeAsync($"{smaller} on 1 process instead of {plan.Description}, and so slower, until there are devices for it (actors.training.elastic)");
        await cluster.WritesAsync(8);
        Assert.Contains($", {smaller} instead of {plan.Description}, and so slower", await cluster.StatusAsync(), StringComparison.Ordinal);

        cluster.Start(half);
        await cluster.NoticeAsync($"there are devices for {plan.Description}: the step under way is finished and saved first");
        cluster.MayWrite(Steps);
        await cluster.NoticeAsync("step 8 is saved: the run is placed again on more devices");
        await cluster.NoticeAsync($"{plan.Description} on 2 processes");
        Assert.DoesNotContain("instead of", await cluster.StatusAsync(), StringComparison.Ordinal);
        Assert.Equal(Steps, (await cluster.EndedAsync()).LastStep);

        if (replicas > 0)
        {
            Assert.Equal(Enumerable.Range(1, Steps), cluster.Steps.Select(step => step.Step));
        }

        AssertSame(undisturbed, cluster.Steps);
    }

    [Fact]
    public async Task A_run_begins_with_its_own_plan_and_waits_where_nothing_smaller_fits()
    {
        (IBatchSource batches, List<StepCompleted> undisturbed) = await UndisturbedAsync(Plan);
        using var cluster = new LocalCluster(Plan, batches, Steps, checkpointEverySteps: 4, processes: 1);
        LocalCluster.LocalProcess first = cluster.Start(1);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.NoticeAsync($"the run cannot be placed: {Plan.Description} takes 8 nodes of 1 ranks, and the processes have devices for 1: p0 1");
        LocalCluster.LocalProcess second = cluster.Start(7);
        await cluster.NoticeAsync($"{Plan.Description} on 2 processes");
        await cluster.WritesAsync(4);
        await cluster.KillAsync(second);
        cluster.MayWrite(Steps);
        await cluster.NoticeAsync($"the run cannot be placed: {Plan.Description} takes 8 nodes of 1 ranks, and the processes have devices for 1: p0 1");
        Assert.Contains(", which is impossible: ", await cluster.StatusAsync(), StringComparison.Ordinal);
        cluster.Start(7);
        Assert.Equal(Steps, (await cluster.EndedAsync()).LastStep);

        AssertSame(undisturbed, cluster.Steps);
    }

    [Fact]
    public async Task A_run_that_is_not_elastic_waits_for_devices()
    {
        (IBatchSource batches, _) = await UndisturbedAsync(Plan);
        using var cluster = new LocalCluster(Plan, batches, Steps, checkpointEverySteps: 4, processes: 2, isElastic: false);
        LocalCluster.LocalProcess first = cluster.Start(4), second = cluster.Start(4);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.WritesAsync(4);
        await cluster.KillAsync(second);
        cluster.MayWrite(Steps);

        await cluster.NoticeAsync($"the run cannot be placed: {Plan.Description} takes 8 nodes of 1 ranks, and the processes have devices for 4: p0 4");
    }

    [Fact]
    public async Task A_new_leader_goes_on_from_the_state_of_a_smaller_plan()
    {
        RunPlan plan = Plan with { Replicas = 1 };
        (IBatchSource batches, List<StepCompleted> undisturbed) = await UndisturbedAsync(plan);
        using var cluster = new LocalCluster(plan, batches, Steps, checkpointEverySteps: 4, processes: 3);
        LocalCluster.LocalProcess first = cluster.Start(4), second = cluster.Start(2), third = cluster.Start(2);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.WritesAsync(4);
        await cluster.KillAsync(third);
        cluster.MayWrite(4);
        await cluster.NoticeAsync("PP 2 x EP 2 in 4 nodes on 2 processes instead of");
        await cluster.WritesAsync(8);
        await cluster.LeadAsync(second);
        cluster.MayWrite(Steps);
        await cluster.NoticeAsync("no step is trained again");
        await cluster.NoticeAsync("PP 2 x EP 2 in 4 nodes on 2 processes instead of");
        Assert.Equal(Steps, (await cluster.EndedAsync()).LastStep);

        Assert.Equal(Enumerable.Range(1, Steps), cluster.Steps.Select(step => step.Step));
        AssertSame(undisturbed, cluster.Steps);
    }

    [Fact]
    public async Task A_process_that_leaves_costs_ranks_and_no_step()
    {
        (IBatchSource batches, List<StepCompleted> undisturbed) = await UndisturbedAsync(Plan);
        using var cluster = new LocalCluster(Plan, batches, Steps, checkpointEverySteps: 4, processes: 2);
        LocalCluster.LocalProcess first = cluster.Start(4), second = cluster.Start(4);
        await cluster.LeadAsync(first);

        cluster.Train();
        await cluster.WritesAsync(4);
        await cluster.LeaveAsync(second);
        cluster.MayWrite(Steps);
        await cluster.NoticeAsync("step 4 is saved: the run is placed again without p1:1");
        await cluster.NoticeAsync("PP 2 x EP 2 in 4 nodes on 1 process instead of");
        Assert.Equal(Steps, (await cluster.EndedAsync()).LastStep);

        Assert.Equal(Enumerable.Range(1, Steps), cluster.Steps.Select(step => step.Step));
        AssertSame(undisturbed, cluster.Steps);
    }

    private static async Task<(IBatchSource Batches, List<StepCompleted> Steps)> UndisturbedAsync(RunPlan plan)
    {
        using var one = new TrainingFixture(plan) { BiasUpdateSpeed = 1e-3 };
        await one.TrainAsync<TrainingEnded>(Steps);
        return (one.Batches, one.Steps);
    }

    /// <summary>Gradients, and what a token's experts return, are summed in another order: that is 1e-7 of a loss after a few steps.</summary>
    private static void AssertSame(List<StepCompleted> undisturbed, List<StepCompleted> steps) =>
        Assert.All(steps, step => Assert.Equal(undisturbed[step.Step - 1].Loss, step.Loss, 1e-6));
}
