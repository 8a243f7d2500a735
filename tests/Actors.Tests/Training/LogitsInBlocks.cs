using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model.Layers;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>Runs whose logits are computed in blocks of rows have the bits of those that keep them whole.</summary>
public sealed class LogitsInBlocks
{
    /// <summary>Chunks of three sequences, 144 rows: a block of 128 and one of 16.</summary>
    private const int Length = 48, ChunkSequences = 3;

    private const int Steps = 3;

    [Theory]
    [InlineData("dualpipe", 2, 2, 1, false)]
    [InlineData("dualpipe", 2, 2, 1, true)]
    [InlineData("zb1p", 2, 1, 2, false)]
    [InlineData("1f1b", 1, 1, 1, false)]
    public async Task A_batch_has_the_same_outputs_and_gradients(string schedule, int pipelineRanks, int expertRanks, int modules, bool isRounded)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, modules);
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);

        ParityRun whole = await ParityRun.ThroughActorsAsync(plan, tokens, backend: Backend(isRounded));
        ParityRun blocks = await ParityRun.ThroughActorsAsync(InBlocks(plan), tokens, backend: Backend(isRounded));

        blocks.AssertEquals(whole);
        Assert.All(whole.Gradients, gradient => Assert.True(gradient.Value.AsSpan().SequenceEqual(blocks.Gradients[gradient.Key]), gradient.Key));
        ParityRun serial = ParityRun.Serial(plan, tokens, Backend(isRounded));
        Assert.Equal(serial.Loss, blocks.Loss);
        Assert.Equal(serial.PredictionLosses, blocks.PredictionLosses);
        Assert.True(serial.Logits.AsSpan().SequenceEqual(blocks.Logits), "the logits differ from the serial model's");
    }

    [Theory]
    [InlineData("dualpipe", 2, 2, 1, false)]
    [InlineData("dualpipe", 2, 1, 1, true)]
    [InlineData("1f1b", 1, 2, 2, false)]
    public async Task Training_has_the_same_losses_and_values(string schedule, int pipelineRanks, int expertRanks, int modules, bool isRounded)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, modules);

        (double[] losses, float[] values) = await TrainAsync(plan, Backend(isRounded));
        (double[] inBlocks, float[] blockValues) = await TrainAsync(InBlocks(plan), Backend(isRounded));

        Assert.Equal(losses, inBlocks);
        Assert.True(values.AsSpan().SequenceEqual(blockValues), "the values differ");
    }

    /// <summary>With one source rank the head's gradient is summed in one order either way: the module's, then the model's.</summary>
    [Fact]
    public void The_serial_model_has_the_same_bits_in_blocks()
    {
        RunPlan plan = Plan("1f1b", 1, 1, modules: 1);

        (StepResult[] whole, float[] values) = TrainSerially(plan);
        (StepResult[] blocks, float[] blockValues) = TrainSerially(InBlocks(plan));

        Assert.Equal(whole.Select(step => (step.Loss, step.GradientNorm)), blocks.Select(step => (step.Loss, step.GradientNorm)));
        Assert.Equal(whole.Select(step => step.PredictionLosses[0]), blocks.Select(step => step.PredictionLosses[0]));
        Assert.True(values.AsSpan().SequenceEqual(blockValues), "the values differ");
    }

    [Fact]
    public async Task Steps_are_the_serial_models()
    {
        RunPlan plan = InBlocks(Plan("dualpipe", 2, 2, modules: 1));
        (StepResult[] serial, _) = TrainSerially(plan);
        using var run = new TrainingFixture(plan) { Batches = new Text(plan) };

        await run.TrainAsync<TrainingEnded>(1);

        Assert.Equal(serial[0].Loss, run.Steps[0].Loss);
        Assert.Equal(serial[0].PredictionLosses, run.Steps[0].PredictionLosses);
        Assert.Equal(serial[0].GradientNorm, run.Steps[0].GradientNorm, 1e-6 * serial[0].GradientNorm);
    }

    [Fact]
    public void A_head_that_is_the_embedding_keeps_whole_logits()
    {
        RunPlan plan = InBlocks(Plan("1f1b", 1, 1, modules: 0));

        Assert.Equal(LogitsBlocks.RowUnit, LogitsBlocks.RowsOf(plan.Model, ChunkSequences * Length, plan.LogitsLimit));
        Assert.Equal(0, LogitsBlocks.RowsOf(plan.Model with { TieWordEmbeddings = true }, ChunkSequences * Length, plan.LogitsLimit));
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int modules)
    {
        int microBatches = 2 * pipelineRanks;
        return TestPlans.OneRank(TestModels.Small(layers: 4) with { PredictLayers = modules }, ChunkSequences * microBatches * expertRanks, Length) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            Schedule = schedule,
            MicroBatches = microBatches,
        };
    }

    private static RunPlan InBlocks(RunPlan plan) => plan with { LogitsLimit = 1 };

    private static IBackend Backend(bool isRounded) => isRounded ? new RoundedBackend(new CpuBackend()) : new CpuBackend();

    /// <summary>Losses of steps, then the held-out one; and the values afterwards.</summary>
    private static async Task<(double[] Losses, float[] Values)> TrainAsync(RunPlan plan, IBackend backend)
    {
        using var run = new TrainingFixture(plan, backend: backend);
        TrainingEnded ended = await run.Train(Steps).FishForMessageAsync<TrainingEnded>(_ => true);
        double heldOut = await run.Run.MeasureHeldOutAsync(TestContext.Timeout()) ?? double.NaN;
        BatchCompleted batch = await run.RunAsync(TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7));
        Assert.Equal(Steps, ended.LastStep);
        Assert.True(double.IsFinite(heldOut));
        return ([heldOut, batch.Loss, .. batch.PredictionLosses], [.. run.Memory.Blocks().SelectMany(block => block.Values.AsSpan<float>().ToArray())]);
    }

    private static (StepResult[] Steps, float[] Values) TrainSerially(RunPlan plan)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3));
        StepResult[] steps = [.. Enumerable.Range(1, Steps).Select(step => serial.Trainer.Step(Text.Of(plan, step)))];
        return (steps, [.. serial.Weights.Blocks.SelectMany(block => block.Values.AsSpan<float>().ToArray())]);
    }

    /// <summary>Random text, a pure function of step and number.</summary>
    private sealed class Text(RunPlan plan) : IBatchSource
    {
        /// <summary>All sequences of a step, (length + 1) tokens each.</summary>
        public static int[] Of(RunPlan plan, int step) => TestModels.Tokens(plan.Sequences, Length, plan.Model.VocabularySize, step);

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            ReadOnlySpan<int> tokens = Of(plan, step).AsSpan(sequence * (Length + 1), Length + 1);
            tokens[..^1].CopyTo(ids);
            tokens[1..].CopyTo(targets);
        }
    }
}
