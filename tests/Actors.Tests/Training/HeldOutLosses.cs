using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Training;

/// <summary>The held-out loss, for which every rank draws its own part of the text.</summary>
public sealed class HeldOutLosses
{
    [Fact]
    public async Task It_is_the_mean_over_all_targets_of_batches_that_are_given()
    {
        using var run = new TrainingFixture();
        await run.Train(1).FishForMessageAsync<TrainingEnded>(_ => true);

        BatchCompleted first = await run.Run.RunAsync(Batch(run, 0)), second = await run.Run.RunAsync(Batch(run, 1));
        double? measured = await run.Run.MeasureHeldOutAsync(TestContext.Timeout());

        Assert.Equal(run.Batches.HeldOutSequences * run.Memory.Plan.SequenceLength, first.Targets + second.Targets);
        Assert.NotEqual(first.Targets, second.Targets);
        Assert.Equal(((first.Loss * first.Targets) + (second.Loss * second.Targets)) / (first.Targets + second.Targets), measured);
    }

    [Fact]
    public async Task Without_text_or_with_a_request_to_stop_there_is_none_and_the_run_can_go_on()
    {
        using var nothing = new TrainingFixture { Batches = new Endless(isHeldOut: false) };
        using var endless = new TrainingFixture { Batches = new Endless(isHeldOut: true) };

        Assert.Null(await nothing.Run.MeasureHeldOutAsync(TestContext.Timeout()));
        Task<double?> measured = endless.Run.MeasureHeldOutAsync(TestContext.Timeout());
        endless.Run.Coordinator.Tell(new StopTraining(), endless.TestActor);

        Assert.Null(await measured);
        Assert.Equal(1, (await endless.Train(1).FishForMessageAsync<TrainingEnded>(_ => true)).LastStep);
    }

    private static RunBatch Batch(TrainingFixture run, int batch)
    {
        RunPlan plan = run.Memory.Plan;
        int[] ids = new int[plan.TokensPerStep], targets = new int[plan.TokensPerStep];
        for (int s = 0; s < plan.Sequences; s++)
        {
            Range part = (s * plan.SequenceLength)..((s + 1) * plan.SequenceLength);
            run.Batches.DrawHeldOut((batch * plan.Sequences) + s, ids.AsSpan(part), targets.AsSpan(part));
        }

        return new RunBatch([.. ids], [.. targets], Gradients: false, Capture: false);
    }

    private sealed class Endless(bool isHeldOut) : IBatchSource
    {
        public int HeldOutSequences => isHeldOut ? int.MaxValue : 0;

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets) => DrawHeldOut(sequence, ids, targets);

        public void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets)
        {
            ids.Fill(1);
            targets.Fill(2);
        }
    }
}
