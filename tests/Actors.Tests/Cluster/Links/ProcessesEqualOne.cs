using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>A run shared out among processes trains the same bits as in one.</summary>
public sealed class ProcessesEqualOne
{
    private const int Steps = 3;

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, 1, "01|23", false)]
    [InlineData("dualpipe", 2, 4, 2, 1, "0|1|2|3", false)]
    [InlineData("dualpipe", 2, 4, 2, 1, "0|1|2|3", true)]
    [InlineData("dualpipe", 2, 4, 2, 1, "03|12", true)]
    [InlineData("1f1b", 2, 4, 1, 1, "0246|1357", true)]
    [InlineData("1f1b", 2, 4, 1, 1, "0246|1357", false)]
    [InlineData("zbv", 2, 2, 2, 2, "02|13", true)]
    public async Task Weights_and_held_out_loss_are_equal_bit_for_bit(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int dataGroups, string processes, bool sharesMemory)
    {
        RunPlan plan = TrainingFixture.SmallPlan with
        {
            Schedule = schedule,
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            DataGroups = dataGroups,
            SeparatesNodes = true,
        };
        Dictionary<string, float[]> expected;
        IBatchSource batches;
        double? heldOut;
        using (var one = new TrainingFixture(plan) { BiasUpdateSpeed = 1e-3 })
        {
            batches = one.Batches;
            await one.Train(Steps).FishForMessageAsync<TrainingEnded>(_ => true);
            heldOut = await one.Run.MeasureHeldOutAsync();
            expected = one.Memory.Blocks().ToDictionary(block => block.Name, block => block.Values.AsSpan<float>().ToArray());
        }

        using var several = new LinkedHosts(plan, batches, sharesMemory, [.. processes.Split('|').Select(share => share.Select(node => node - '0').ToArray())]);
        ImmutableArray<(string Name, float[] Values)> held = await several.TrainAsync(Steps);

        Assert.Equal(expected.Keys.Order(), held.Select(block => block.Name).Distinct().Order());
        Assert.All(held, block => Assert.Equal(expected[block.Name], block.Values));
        Assert.NotNull(heldOut);
        Assert.Equal(heldOut, several.HeldOutLoss);
        Assert.True(several.RowsCrossed > 0);
    }

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, "01|23", false)]
    [InlineData("dualpipe", 2, 4, 2, "0|12|3", true)]
    [InlineData("1f1b", 2, 4, 1, "0246|1357", true)]
    public async Task A_copy_that_the_next_process_keeps_is_what_the_owner_has(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, string processes, bool sharesMemory)
    {
        RunPlan plan = TrainingFixture.SmallPlan with
        {
            Schedule = schedule,
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            SeparatesNodes = true,
            Replicas = 1,
        };
        IBatchSource batches;
        using (var one = new TrainingFixture(plan))
        {
            batches = one.Batches;
        }

        using var several = new LinkedHosts(plan, batches, sharesMemory, [.. processes.Split('|').Select(share => share.Select(node => node - '0').ToArray())]);
        await several.TrainAsync(Steps);

        Assert.Equal(new Actors.Model.Parameters.BlockCatalog(plan.Model, plan.ExpertPlacement()).Count, several.Copies.Count);
        Assert.All(several.Copies, copy => Assert.Equal(copy.Owned, copy.Copy));
    }
}
