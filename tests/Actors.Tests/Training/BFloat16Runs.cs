using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;
using Actors.Tests.Support.Reference;
using Xunit.Abstractions;

namespace Actors.Runtime.Tests.Training;

/// <summary>A whole model with rows of bfloat16 on the CPU: the numbers that a GPU in bfloat16 must be near to.</summary>
public sealed class BFloat16Runs(ITestOutputHelper output)
{
    private const int Length = 8, Steps = 5;

    /// <summary>How far a loss in bfloat16 may be from float32's, nats.</summary>
    private const double LossTolerance = 2e-2;

    /// <summary>Rows are rounded where they leave a rank, a node and a pipeline stage: the serial model, which stores them there, has the same bits.</summary>
    [Theory]
    [InlineData("1f1b", 1, 1, 1, false, ActivationMode.Kept)]
    [InlineData("1f1b", 1, 4, 1, false, ActivationMode.Kept)]
    [InlineData("dualpipe", 2, 4, 2, false, ActivationMode.Recomputed)]
    [InlineData("dualpipe", 2, 4, 2, true, ActivationMode.Kept)]
    [InlineData("zbv", 2, 2, 2, true, ActivationMode.Kept)]
    public async Task The_actors_numbers_are_the_serial_models(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates, ActivationMode mode)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, ranksPerNode) with { SeparatesNodes = separates, Activations = mode };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun serial = ParityRun.Serial(plan, tokens, BFloat16());
        ParityRun float32 = ParityRun.Serial(plan, tokens);

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens, backend: BFloat16());

        actors.AssertEquals(serial);
        double loss = Math.Abs(actors.Loss - float32.Loss);
        output.WriteLine($"loss {actors.Loss}, {loss:E2} from float32's");
        Assert.NotEqual(0, loss);
        Assert.True(loss <= LossTolerance, $"loss differs by {loss}");
    }

    [Theory]
    [InlineData("dualpipe", 2, 4, 2)]
    [InlineData("1f1b", 1, 2, 1)]
    public async Task Training_has_losses_near_those_of_float32_and_the_same_bits_again(string schedule, int pipelineRanks, int expertRanks, int ranksPerNode)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, ranksPerNode);
        (double[] float32, _) = await TrainAsync(plan, new CpuBackend());

        (double[] losses, float[] values) = await TrainAsync(plan, BFloat16());
        (double[] again, float[] valuesAgain) = await TrainAsync(plan, BFloat16());

        Assert.Equal(losses, again);
        Assert.True(values.AsSpan().SequenceEqual(valuesAgain), "the values differ");
        AssertNear(float32, losses);
        double[] serial = Serial(plan, BFloat16());
        AssertNear(losses, serial);
        Assert.Equal(serial, Serial(plan, BFloat16()));
    }

    [Theory]
    [ReferenceData("tiny", 2, 4, 2)]
    [ReferenceData("plain", 2, 4, 2)]
    [ReferenceData("plain", 1, 1, 1)]
    [ReferenceData("noqlora", 1, 1, 1)]
    [ReferenceData("yarn", 1, 1, 1)]
    public async Task A_reference_models_loss_is_near_its_own(string name, int pipelineRanks, int expertRanks, int ranksPerNode)
    {
        using var reference = new ReferenceCase(name);
        int[] shape = reference.Shape("input_ids");
        RunPlan plan = Plan(pipelineRanks == 1 ? "1f1b" : "dualpipe", pipelineRanks, expertRanks, ranksPerNode) with
        {
            Model = reference.Config,
            Sequences = shape[0],
            SequenceLength = shape[1],
        };
        using var training = new TrainingFixture(plan, backend: BFloat16());
        foreach ((IStream stream, ModelWeights weights) in training.Memory.Parts())
        {
            reference.Load(stream, weights);
        }

        BatchCompleted completed = await training.RunAsync(reference.Ints("input_ids"));

        double loss = Math.Abs(completed.Loss - reference.Losses[0]);
        output.WriteLine($"{name}: loss {loss:E2}");
        Assert.True(loss <= LossTolerance, $"loss differs by {loss}");
    }

    /// <summary>
    /// Codes are made of each rank's own rows, so the serial model in the same placement has the same: outputs to the bit, and gradients too, since tokens share a
    /// tile only where they do there.
    /// </summary>
    [Theory]
    [InlineData("1f1b", 1, 1, 1, false, ActivationMode.Kept, 0)]
    [InlineData("1f1b", 1, 4, 2, false, ActivationMode.Recomputed, 1)]
    [InlineData("dualpipe", 2, 2, 1, true, ActivationMode.Kept, 0)]
    [InlineData("zbv", 1, 2, 1, false, ActivationMode.Recomputed, 1)]
    public async Task Products_in_FP8_have_the_serial_numbers(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates, ActivationMode mode, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, ranksPerNode) with
        {
            Model = Fp8Model with { PredictLayers = modules },
            SeparatesNodes = separates,
            Activations = mode,
        };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun serial = ParityRun.Serial(plan, tokens, Fp8());

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens, backend: Fp8());

        actors.AssertEquals(serial);
        Assert.NotEqual(ParityRun.Serial(plan, tokens, BFloat16()).Loss, actors.Loss);
    }

    /// <summary>
    /// The codes of updated weights, in each memory that has a copy of them, are those of the weights. Every token takes all experts: where two are nearly as good, FP8 chooses
    /// another than bfloat16, and so small a model's losses go apart.
    /// </summary>
    [Fact]
    public async Task Training_in_FP8_is_the_same_whichever_ranks_share_memory_and_near_bfloat16s()
    {
        RunPlan plan = Plan("dualpipe", 2, 2, 1) with { Model = Fp8Model with { ExpertsPerToken = 4, ExpertGroupsKept = 2 } };
        (double[] bfloat16, _) = await TrainAsync(plan, BFloat16());

        (double[] losses, float[] values) = await TrainAsync(plan, Fp8());
        (double[] apart, float[] valuesApart) = await TrainAsync(plan with { SeparatesNodes = true }, Fp8());

        Assert.Equal(losses, apart);
        Assert.True(values.AsSpan().SequenceEqual(valuesApart), "the values differ");
        AssertNear(bfloat16, losses);
        AssertNear(losses, Serial(plan, Fp8()));
    }

    /// <summary>Logits as small as those of a fresh model, so that what FP8 rounds is not most of a loss over 64 tokens.</summary>
    private static ModelConfig Fp8Model => Fp8Models.Config with { Layers = 4, InitializerRange = 0.02 };

    private static RoundedBackend BFloat16() => new(new CpuBackend());

    private static RoundedBackend Fp8() => new(new CpuBackend(), Precision.Fp8);

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int ranksPerNode) => TestPlans.OneRank(TestModels.Small(layers: 4), sequences: 8, Length) with
    {
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = ranksPerNode,
        Schedule = schedule,
        MicroBatches = 2 * pipelineRanks,
        Fabric = new FabricSettings(2, ChunkRows: 5, SlotsPerRing: 2),
    };

    private static void AssertNear(double[] expected, double[] losses)
    {
        Assert.Equal(expected.Length, losses.Length);
        Assert.All(expected.Zip(losses), pair => Assert.InRange(pair.Second, pair.First - LossTolerance, pair.First + LossTolerance));
    }

    private static async Task<(double[] Losses, float[] Values)> TrainAsync(RunPlan plan, IBackend backend)
    {
        using var training = new TrainingFixture(plan, backend: backend) { Batches = new SequenceBatches(plan) };
        await training.TrainAsync<TrainingEnded>(Steps);
        return ([.. training.Steps.Select(step => step.Loss)], [.. training.Memory.Blocks().SelectMany(block => block.Values.AsSpan<float>().ToArray())]);
    }

    private static double[] Serial(RunPlan plan, IBackend computes)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3), computes);
        var batches = new SequenceBatches(plan);
        return [.. Enumerable.Range(1, Steps).Select(step => serial.Trainer.Step(batches.Of(step)).Loss)];
    }

    /// <summary>Tokens of which each predicts the next, for the actors and for the serial trainer.</summary>
    private sealed class SequenceBatches(RunPlan plan) : IBatchSource
    {
        /// <summary>(sequences, length + 1) of a step.</summary>
        public int[] Of(int step) => TestModels.Tokens(plan.Sequences, plan.SequenceLength, plan.Model.VocabularySize, seed: step);

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            ReadOnlySpan<int> row = Of(step).AsSpan(sequence * (plan.SequenceLength + 1), plan.SequenceLength + 1);
            row[..^1].CopyTo(ids);
            row[1..].CopyTo(targets);
        }
    }
}
