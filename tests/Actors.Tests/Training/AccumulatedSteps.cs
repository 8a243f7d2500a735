using Actors.Model.Training;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;

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
        using var run = new TrainingFixture(plan) { BiasUpdateSpeed = 0.01, Batches = new StepText(plan) };
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
        (double[] losses, float[] state) = await KeptState.TrainAsync(plan, new StepText(plan), Steps);
        (double[] apartLosses, float[] apart) = await KeptState.TrainAsync(plan with { SeparatesNodes = true }, new StepText(plan), Steps);
        Assert.Equal(losses, apartLosses);
        Assert.True(state.AsSpan().SequenceEqual(apart), "nodes apart: weights or moments differ");

        for (int first = 1; first < Steps; first++)
        {
            (double[] before, float[] kept) = await KeptState.TrainAsync(plan, new StepText(plan), first);
            (double[] after, float[] resumed) = await KeptState.TrainAsync(plan, new StepText(plan), Steps, first, kept);
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
            Batches = Growing,
        };

    private static StepResult[] Serial(RunPlan plan, IBatchSource batches)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 0.01 });
        return [.. Enumerable.Range(1, Steps).Select(step => serial.Trainer.Step(StepText.SequencesOf(batches, step, Growing.SequencesOf(step), plan.SequenceLength)))];
    }
}
