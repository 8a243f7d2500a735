using Actors.Cpu;
using Actors.Model.Training;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>Steps of several passes, over which gradients accumulate, and a batch that grows from one to three of them.</summary>
public sealed class AccumulatedSteps
{
    /// <summary>Gradients are summed in another order, then losses of float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    private const int Steps = 5;

    /// <summary>Passes of 8 sequences of 8 tokens; steps of 12, 16 and 24 sequences: two passes, two, then three.</summary>
    private static BatchSchedule Growing { get; } = new(24, 8, passes: 3, new BatchRamp(12, 4, 300));

    public static TheoryData<string, int, int, int, int> Placements() => new()
    {
        { "1f1b", 1, 1, 1, 1 },
        { "1f1b", 2, 4, 1, 0 },
        { "dualpipe", 2, 4, 1, 1 },
        { "dualpipe", 2, 2, 2, 0 },
        { "zbv", 2, 2, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task They_are_the_serial_steps_at_every_placement(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, dataGroups, modules);
        using var run = new TrainingFixture(plan) { Batching = Growing, BiasUpdateSpeed = 0.01, Batches = new Text(plan) };
        StepResult[] serial = Serial(plan, run.Batches);

        await run.TrainAsync<TrainingEnded>(Steps);

        Assert.Equal([12, 12, 16, 24, 24], run.Steps.Select(step => (int)(step.Tokens / plan.SequenceLength)));
        Assert.Equal(serial.Select(step => step.Tokens), run.Steps.Select(step => (int)step.Tokens));

        // The serial model sums the losses of data groups in another order.
        Assert.Equal(serial[0].Loss, run.Steps[0].Loss, dataGroups == 1 ? 0 : 1e-13);
        Assert.All(run.Steps.Zip(serial), pair => Assert.Equal(pair.Second.Loss, pair.First.Loss, LaterStepTolerance * pair.Second.Loss));
        Assert.All(run.Steps.Zip(serial), pair => Assert.Equal(pair.Second.GradientNorm, pair.First.GradientNorm, 1e-4 * pair.Second.GradientNorm));
        Assert.Equal(serial[0].PredictionLosses, run.Steps[0].PredictionLosses);

        // Every choice of every pass is counted.
        int choices = plan.Model.ExpertsPerToken;
        Assert.All(run.Steps, step => Assert.Equal(step.Tokens * choices, step.Load[0].Counts.Sum()));
    }

    /// <summary>The same bits with nodes that share no memory, and when another process of training goes on in the middle of the growth.</summary>
    [Fact]
    public async Task Apart_or_resumed_they_give_the_same_bits()
    {
        RunPlan plan = Plan("dualpipe", 2, 4, dataGroups: 1, modules: 1);
        (double[] losses, float[] state) = await TrainAsync(plan, Steps);
        (double[] apartLosses, float[] apart) = await TrainAsync(plan with { SeparatesNodes = true }, Steps);
        Assert.Equal(losses, apartLosses);
        Assert.True(state.AsSpan().SequenceEqual(apart), "nodes apart: weights or moments differ");

        for (int first = 1; first < Steps; first++)
        {
            (double[] before, float[] kept) = await TrainAsync(plan, first);
            (double[] after, float[] resumed) = await TrainAsync(plan, Steps, first, kept);
            Assert.Equal(losses, before.Concat(after));
            Assert.True(state.AsSpan().SequenceEqual(resumed), $"resumed after step {first}: weights or moments differ");
        }
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules) =>
        TestPlans.OneRank(TestModels.Small(layers: 4) with { PredictLayers = modules }, sequences: 8, length: 8) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = Math.Max(1, expertRanks / 2),
            DataGroups = dataGroups,
            Schedule = schedule,
            MicroBatches = 4,
        };

    private static StepResult[] Serial(RunPlan plan, IBatchSource batches)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 0.01 }, schedule: Growing);
        return [.. Enumerable.Range(1, Steps).Select(step => serial.Trainer.Step(SequencesOf(batches, step, plan.SequenceLength)))];
    }

    private static int[] SequencesOf(IBatchSource batches, int step, int length)
    {
        int[] ids = new int[length], targets = new int[length];
        return [.. Enumerable.Range(0, Growing.SequencesOf(step)).SelectMany(sequence =>
        {
            batches.Draw(step, sequence, ids, targets);
            return (int[])[.. ids, targets[^1]];
        })];
    }

    /// <summary>Losses, and values and moments of all blocks in model order.</summary>
    private static async Task<(double[] Losses, float[] State)> TrainAsync(RunPlan plan, int lastStep, int completed = 0, float[]? state = null)
    {
        using var run = new TrainingFixture(plan) { Batching = Growing, BiasUpdateSpeed = 0.01, CompletedSteps = completed, Batches = new Text(plan) };
        IEnumerable<Tensor> tensors = [.. run.Memory.Blocks().Select(block => block.Values), .. run.Memory.Moments().SelectMany(block => (Tensor[])[block.First, block.Second])];
        int place = 0;
        foreach (Tensor tensor in state is null ? [] : tensors)
        {
            state.AsSpan(place, tensor.AsSpan<float>().Length).CopyTo(tensor.AsSpan<float>());
            place += tensor.AsSpan<float>().Length;
        }

        await run.TrainAsync<TrainingEnded>(lastStep);
        return ([.. run.Steps.Select(step => step.Loss)], [.. tensors.SelectMany(tensor => tensor.AsSpan<float>().ToArray())]);
    }

    /// <summary>Random text, a pure function of step and number.</summary>
    private sealed class Text(RunPlan plan) : IBatchSource
    {
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            int[] tokens = TestModels.Tokens(1, plan.SequenceLength, plan.Model.VocabularySize, (step * 100) + sequence);
            tokens.AsSpan(0, ids.Length).CopyTo(ids);
            tokens.AsSpan(1, ids.Length).CopyTo(targets);
        }
    }
}
