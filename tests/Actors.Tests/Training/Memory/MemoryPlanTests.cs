using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Memory;

namespace Actors.Runtime.Tests.Training.Memory;

/// <summary>The estimate is held to what a run allocates: never below, and not far above.</summary>
public sealed class MemoryPlanTests
{
    /// <summary>Windows and temporaries are counted for the worst moment, which a run meets only by chance.</summary>
    private const double Factor = 1.5;

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, 1, 4, ActivationMode.Kept, false)]
    [InlineData("dualpipe", 2, 4, 2, 1, 4, ActivationMode.Recomputed, false)]
    [InlineData("1f1b", 4, 2, 1, 1, 8, ActivationMode.Kept, false)]
    [InlineData("zb1p", 2, 2, 2, 1, 4, ActivationMode.Kept, false)]
    [InlineData("gpipe", 1, 1, 1, 1, 2, ActivationMode.Recomputed, false)]
    [InlineData("1f1b", 2, 4, 4, 2, 2, ActivationMode.Kept, false)]
    [InlineData("dualpipe", 2, 4, 2, 1, 4, ActivationMode.Kept, true)]
    [InlineData("1f1b", 2, 2, 2, 2, 2, ActivationMode.Kept, true)]
    public async Task A_training_run_takes_no_more_than_the_estimate_and_not_much_less(
        string schedule, int pipeline, int experts, int perNode, int dataGroups, int microBatches, ActivationMode mode, bool separates)
    {
        ModelConfig model = TestModels.Small(layers: 4) with { HiddenSize = 64, IntermediateSize = 192, ExpertIntermediateSize = 32, VocabularySize = 256 };
        RunPlan plan = TestPlans.OneRank(model, sequences: 16, length: 64) with
        {
            Schedule = schedule,
            PipelineRanks = pipeline,
            ExpertRanks = experts,
            RanksPerNode = perNode,
            SeparatesNodes = separates,
            DataGroups = dataGroups,
            MicroBatches = microBatches,
            Activations = mode,
            Fabric = new FabricSettings(1, 64, 2),
        };

        long taken = await TrainAndEvaluateAsync(plan);

        using var cpu = new CpuBackend();
        double estimate = MemoryPlan.OfTraining(plan, cpu).Buffers;
        Assert.InRange(estimate, taken, Factor * taken);
    }

    /// <summary>Each chunk has 512 rows of logits of 2 MB, and each of two heads; a block of them has 128 rows.</summary>
    [Fact]
    public async Task Logits_in_blocks_are_counted_once_a_rank()
    {
        RunPlan whole = TestPlans.OneRank(TestModels.Small(layers: 4) with { VocabularySize = 1024, PredictLayers = 1 }, sequences: 16, length: 64) with
        {
            MicroBatches = 2,
        };
        RunPlan blocks = whole with { LogitsLimit = 1 << 19 };

        long taken = await TrainAndEvaluateAsync(blocks), takenWhole = await TrainAndEvaluateAsync(whole);

        using var cpu = new CpuBackend();
        double estimate = MemoryPlan.OfTraining(blocks, cpu).Buffers, estimateWhole = MemoryPlan.OfTraining(whole, cpu).Buffers;
        Assert.InRange(estimate, taken, Factor * taken);
        // One chunk that trains and one that is evaluated, of two heads each, less the block.
        Assert.Equal((4 << 21) - (1 << 19), estimateWhole - estimate);
        Assert.Equal((4 << 21) - (1 << 19), takenWhole - taken, 1e5);
        Assert.Equal((4 << 21) - (1 << 19), MemoryPlan.OfSerialTraining(whole, cpu).Buffers - MemoryPlan.OfSerialTraining(blocks, cpu).Buffers);
        Assert.Equal(MemoryPlan.OfEvaluation(whole, cpu, isSerial: true), MemoryPlan.OfEvaluation(blocks, cpu, isSerial: true));
    }

    private static async Task<long> TrainAndEvaluateAsync(RunPlan plan)
    {
        var backend = new CountingBackend();
        using var training = new TrainingFixture(plan, backend: backend);
        ImmutableArray<int> tokens = [.. TestModels.Tokens(plan.Sequences, plan.SequenceLength - 1, plan.Model.VocabularySize, seed: 3)];
        // How much is lent at once depends on who runs first: of several batches one comes near to the most that a run can take.
        foreach (bool gradients in new[] { true, true, true, true, true, true, true, true, false })
        {
            await training.Run.RunAsync(new RunBatch(tokens, tokens, gradients, Capture: false), TestContext.Timeout());
        }

        return backend.MostBytes;
    }
}
