using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Training;

/// <summary>A run that cannot go on ends with one line that says which step, rank, part and layer, and never hangs.</summary>
public sealed class FailingRuns
{
    [Fact]
    public async Task A_channel_whose_link_fails_is_named_with_its_rank()
    {
        using var run = new TrainingFixture(makeLink: LinkOfNumber(17, () => new FaultyLink(2, throws: true)));
        RunFailed failed = await run.TrainAsync<RunFailed>(5);

        Assert.Matches(@"^step 1: rank \d+ failed: channel \d, \w+: the cable is cut$", failed.Reason);
        Assert.Equal(0, failed.WholeStep);
        Assert.Contains("at Actors.", failed.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "RoutedExpertsActivations", "ShardExperts" }, @"^step 1: rank \d failed: expert shard, RunExperts: no \d+ bytes left$")]
    [InlineData(new[] { "ChunkActivations", "StageModel", "StageComponents", "StageActor" }, @"^step 1: rank \d failed: pipeline stage, ReceiveForward of stage \d, micro-batch \d: no \d+ bytes left$")]
    public async Task A_failing_device_is_named_with_rank_part_and_component(string[] users, string reason)
    {
        var backend = new ScarceBackend(users);
        using var run = new TrainingFixture(backend: backend);
        backend.Arm();
        RunFailed failed = await run.TrainAsync<RunFailed>(5);

        Assert.Matches(reason, failed.Reason);
    }

    [Fact]
    public async Task A_source_of_batches_that_fails_ends_the_run_with_its_step()
    {
        using var run = new TrainingFixture { Batches = new EndingBatches() };
        RunFailed failed = await run.TrainAsync<RunFailed>(5);

        Assert.Matches(@"^step 3: rank \d failed: pipeline stage, RunStep: the text has ended$", failed.Reason);
        Assert.Equal(2, failed.WholeStep);
    }

    [Fact]
    public async Task A_swallowed_message_ends_in_a_stall_that_names_rank_layer_micro_batch_and_rows()
    {
        using var run = new TrainingFixture(makeLink: LinkOfNumber(17, () => new FaultyLink(2, throws: false)), isStepwise: true);
        TestProbe user = run.Train(5);
        run.Pass(ActorKit.StallTimeout);
        Assert.False(user.HasMessages);
        run.Pass(ActorKit.StallTimeout);
        RunFailed failed = await user.ExpectMsgAsync<RunFailed>();

        Assert.StartsWith("step 1: nothing has moved for 30 s (actors.watchdog.stall-timeout): rank ", failed.Reason, StringComparison.Ordinal);
        Assert.Matches(
            @"rank \d \(pipeline \d, experts \d\) waits at \w+ of layer \d, micro-batch \d: \d+ of \d+ (gradient )?rows have (reached its experts|come back from the experts)",
            failed.Reason);
        Assert.Equal(0, failed.WholeStep);
        Assert.DoesNotContain('\n', failed.Reason);
    }

    [Theory]
    [InlineData("model.embed_tokens", "the embedding", LogitsBlocks.Limit)]
    [InlineData("model.layers.2.", "layer 2", LogitsBlocks.Limit)]
    [InlineData("lm_head", "the output head", LogitsBlocks.Limit)]
    [InlineData("lm_head", "the output head", 1)]
    public async Task A_loss_that_is_no_number_names_step_and_first_layer(string block, string part, long logitsLimit)
    {
        using var run = new TrainingFixture(TrainingFixture.SmallPlan with { LogitsLimit = logitsLimit });
        Poison(run.Memory.Parts().Single().Weights, block);
        RunFailed failed = await run.TrainAsync<RunFailed>(5);

        Assert.Equal(
            $"step 1: the loss is NaN, first seen in the output of {part}: lower the learning rate, or look at the data", failed.Reason);
        Assert.Null(failed.WholeStep);
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_found_in_model_order()
    {
        var results = new StepResults(2);
        results.Add(new GradientsReduced(1, [new BlockSquares(1, double.NaN), new BlockSquares(3, 1)]));
        results.Add(new GradientsReduced(0, [new BlockSquares(0, 2), new BlockSquares(2, double.PositiveInfinity)]));

        Assert.False(double.IsFinite(results.GradientNorm()));
        Assert.Equal(1, results.FirstNonFiniteBlock());
    }

    private static void Poison(ModelWeights weights, string name)
    {
        ParameterBlock block = weights.Blocks.First(block => block.Name.StartsWith(name, StringComparison.Ordinal) && block.IsTrained);
        block.Values.AsSpan<float>().Fill(float.NaN);
    }

    /// <summary>Only the channels' links count: the ranks' own come first, two each, for frames and gradients.</summary>
    private static Func<ITensorLink> LinkOfNumber(int number, Func<ITensorLink> makeFaulty)
    {
        int made = 0;
        return () => Interlocked.Increment(ref made) == number ? makeFaulty() : new HostLink();
    }

    private sealed class EndingBatches : IBatchSource
    {
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            if (step == 3)
            {
                throw new InvalidOperationException("the text has ended");
            }

            ids.Fill(step);
            targets.Fill(step + 1);
        }
    }
}
