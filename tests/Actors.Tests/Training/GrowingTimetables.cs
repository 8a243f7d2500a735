using Actors.Cpu;
using Actors.Model.Training;
using Actors.Oracle;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Results;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>Small steps of a growing batch play timetables of fewer micro-batches, and are the serial model's steps.</summary>
public sealed class GrowingTimetables
{
    private const int Steps = 7;

    /// <summary>Steps of 2, 2, 2, 6, 10, 14 and 16 sequences of 8 tokens; a full one has 8 micro-batches of 2 sequences.</summary>
    private static BatchSchedule Growing { get; } = new(16, 8, passes: 1, new BatchRamp(2, 4, 192));

    /// <summary>The fewest micro-batches of 2 sequences, where the schedule has them: DualPipe an even number, at least 4 with two ranks.</summary>
    public static TheoryData<string, int, int, int[]> Schedules() => new()
    {
        { "1f1b", 2, 2, [1, 1, 1, 3, 5, 7, 8] },
        { "dualpipe", 2, 4, [4, 4, 4, 4, 6, 8, 8] },
        { "zb1p", 2, 2, [1, 1, 1, 3, 5, 7, 8] },
        { "interleaved-1f1b", 2, 1, [1, 1, 1, 3, 6, 8, 8] },
    };

    /// <summary>Values stay, so that the loss of every step is one of the same values, in the bits of the order in which the serial model sums.</summary>
    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Every_step_has_the_serial_loss_in_bits(string schedule, int pipelineRanks, int expertRanks, int[] microBatches)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks) with { TraceCapacity = 1 << 16 };
        StepResult[] serial = Serial(plan, rate: 0);
        using var run = new TrainingFixture(plan) { Rate = 0, Batches = new StepText(plan) };

        await run.TrainAsync<TrainingEnded>(Steps);

        Assert.Equal([2, 2, 2, 6, 10, 14, 16], run.Steps.Select(step => (int)(step.Tokens / plan.SequenceLength)));
        Assert.Equal(serial.Select(step => step.Loss), run.Steps.Select(step => step.Loss));
        Assert.Equal(serial.Select(step => step.PredictionLosses[0]), run.Steps.Select(step => step.PredictionLosses[0]));
        Assert.All(run.Steps.Zip(serial), pair => Assert.Equal(pair.Second.GradientNorm, pair.First.GradientNorm, 1e-4 * pair.Second.GradientNorm));
        Assert.Equal(microBatches.Distinct().Append(8).Distinct(), plan.MicroBatchCounts());
        var trace = new RunTrace(plan, [.. Enumerable.Range(0, plan.Ranks).Select(rank => new RankTrace([.. run.Memory.Rank(rank).Trace!.Events], Dropped: 0))]);
        Assert.All(Enumerable.Range(0, plan.Ranks), rank => Assert.Equal(microBatches, TracedActions.MicroBatches(trace, rank)));
    }

    /// <summary>One rank sums gradients in the serial order too, so that a whole run has its bits.</summary>
    [Fact]
    public async Task One_rank_trains_to_the_serial_bits()
    {
        RunPlan plan = Plan("1f1b", 1, 1);
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3));
        StepResult[] expected = Train(serial.Trainer, plan);
        using var run = new TrainingFixture(plan) { Batches = new StepText(plan) };

        await run.TrainAsync<TrainingEnded>(Steps);

        Assert.Equal(expected.Select(step => (step.Loss, step.GradientNorm)), run.Steps.Select(step => (step.Loss, step.GradientNorm)));
        foreach ((Tensor values, int i) in run.Memory.Blocks().Select((block, i) => (block.Values, i)))
        {
            Assert.True(values.AsSpan<float>().SequenceEqual(serial.Weights.Blocks[i].Values.AsSpan<float>()), serial.Weights.Blocks[i].Name);
        }
    }

    [Theory]
    [InlineData("dualpipe", 2, 4)]
    [InlineData("zb1p", 2, 2)]
    public async Task A_run_that_is_resumed_anywhere_has_the_bits_of_an_unbroken_one(string schedule, int pipelineRanks, int expertRanks)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks);
        (double[] losses, float[] state) = await KeptState.TrainAsync(plan, new StepText(plan), Steps);
        for (int first = 3; first < Steps; first++)
        {
            (double[] before, float[] kept) = await KeptState.TrainAsync(plan, new StepText(plan), first);
            (double[] after, float[] resumed) = await KeptState.TrainAsync(plan, new StepText(plan), Steps, first, kept);
            Assert.Equal(losses, before.Concat(after));
            Assert.True(state.AsSpan().SequenceEqual(resumed), $"resumed after step {first}: weights or moments differ");
        }
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks) =>
        TestPlans.OneRank(TestModels.Small(layers: 4) with { PredictLayers = 1 }, sequences: 16, length: 8) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = Math.Max(1, expertRanks / 2),
            Schedule = schedule,
            MicroBatches = 8,
            Batches = Growing,
        };

    private static StepResult[] Serial(RunPlan plan, double rate)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(rate));
        return Train(serial.Trainer, plan);
    }

    private static StepResult[] Train(SerialTrainer trainer, RunPlan plan) =>
        [.. Enumerable.Range(1, Steps).Select(step => trainer.Step(StepText.SequencesOf(new StepText(plan), step, Growing.SequencesOf(step), plan.SequenceLength)))];
}
