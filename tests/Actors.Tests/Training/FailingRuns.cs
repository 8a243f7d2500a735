using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Fabric;
using Actors.Runtime.Stages;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Training;

/// <summary>A run that cannot go on ends with one line that says which step, rank, part and layer, and never hangs.</summary>
public sealed class FailingRuns
{
    private const int Length = 8;

    [Fact]
    public async Task A_channel_whose_link_fails_is_named_with_its_rank()
    {
        RunFailed failed = await TrainAsync(new CpuBackend(), LinkOfNumber(9, () => new FaultyLink(2, throws: true)));

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
        RunFailed failed = await TrainAsync(backend, () => new HostLink(), _ => backend.Arm());

        Assert.Matches(reason, failed.Reason);
    }

    [Fact]
    public async Task A_source_of_batches_that_fails_ends_the_run_with_its_step()
    {
        RunFailed failed = await TrainAsync(new CpuBackend(), () => new HostLink(), batches: new EndingBatches());

        Assert.Equal("step 3: the text has ended", failed.Reason);
        Assert.Equal(2, failed.WholeStep);
    }

    [Fact]
    public async Task A_swallowed_message_ends_in_a_stall_that_names_rank_layer_micro_batch_and_rows()
    {
        // Longer than any component takes whose kernels are yet to be compiled, since that counts as standing still.
        RunFailed failed = await TrainAsync(
            new CpuBackend(), LinkOfNumber(9, () => new FaultyLink(2, throws: false)), stallTimeout: TimeSpan.FromMilliseconds(1500));

        Assert.StartsWith("step 1: nothing has moved for 1.5 s (actors.watchdog.stall-timeout): rank ", failed.Reason, StringComparison.Ordinal);
        Assert.Matches(
            @"rank \d \(pipeline \d, experts \d\) waits at \w+ of layer \d, micro-batch \d: \d+ of \d+ (gradient )?rows have (reached its experts|come back from the experts)",
            failed.Reason);
        Assert.Equal(0, failed.WholeStep);
        Assert.DoesNotContain('\n', failed.Reason);
    }

    [Theory]
    [InlineData("model.embed_tokens", "the embedding")]
    [InlineData("model.layers.2.", "layer 2")]
    [InlineData("lm_head", "the output head")]
    public async Task A_loss_that_is_no_number_names_step_and_first_layer(string block, string part)
    {
        RunFailed failed = await TrainAsync(new CpuBackend(), () => new HostLink(), weights => Poison(weights, block));

        Assert.Equal(
            $"step 1: the loss is NaN, first seen in the output of {part}: lower the learning rate, or look at the data", failed.Reason);
        Assert.Null(failed.WholeStep);
    }

    [Fact]
    public void A_gradient_that_is_no_number_is_found_in_model_order()
    {
        var results = new StepResults(2);
        results.Add(new GradientsReduced(1, 1, [new BlockSquares(1, double.NaN), new BlockSquares(3, 1)]));
        results.Add(new GradientsReduced(0, 1, [new BlockSquares(0, 2), new BlockSquares(2, double.PositiveInfinity)]));

        Assert.False(double.IsFinite(results.GradientNorm()));
        Assert.Equal(1, results.FirstNonFiniteBlock());
    }

    private static void Poison(ModelWeights weights, string name)
    {
        ParameterBlock block = weights.Blocks.First(block => block.Name.StartsWith(name, StringComparison.Ordinal) && block.IsTrained);
        block.Values.AsSpan<float>().Fill(float.NaN);
    }

    /// <summary>Only the channels' links count: the optimizers' come first, one a rank.</summary>
    private static Func<ITensorLink> LinkOfNumber(int number, Func<ITensorLink> makeFaulty)
    {
        int made = 0;
        return () => Interlocked.Increment(ref made) == number ? makeFaulty() : new HostLink();
    }

    private static async Task<RunFailed> TrainAsync(
        IBackend backend, Func<ITensorLink> makeLink, Action<ModelWeights>? prepare = null, IBatchSource? batches = null,
        TimeSpan? stallTimeout = null)
    {
        var plan = new RunPlan
        {
            Model = TestModels.Small(layers: 4),
            PipelineRanks = 2,
            ExpertRanks = 4,
            RanksPerNode = 2,
            Schedule = "dualpipe",
            MicroBatches = 4,
            Sequences = 8,
            SequenceLength = Length,
            Fabric = new FabricSettings(1, ChunkRows: 5, SlotsPerRing: 2),
        };
        using (backend)
        {
            using var memory = new RunMemory(plan, backend, makeLink, TimeProvider.System);
            memory.Weights.Initialize(memory.Stream, seed: 1);
            prepare?.Invoke(memory.Weights);
            memory.Weights.Prepare(memory.Stream);
            using ActorSystem system = ActorSystem.Create("failing", "akka { loglevel = OFF, stdout-loglevel = OFF }");
            ActorRun run = ActorRun.Start(system, memory, new TrainerOptions
            {
                Optimizer = new OptimizerOptions { LearningRate = LearningRateSchedule.Constant(1e-3) },
                Batches = batches ?? new RandomBatches(plan),
                StallTimeout = stallTimeout ?? TimeSpan.FromSeconds(30),
                Time = TimeProvider.System,
            });
            var failed = new TaskCompletionSource<RunFailed>(TaskCreationOptions.RunContinuationsAsynchronously);
            system.ActorOf(Props.Create(() => new Trainee(run.Coordinator, failed)));
            RunFailed result = await failed.Task.WaitAsync(TestContext.Timeout());
            await system.Terminate().WaitAsync(TestContext.Timeout());
            return result;
        }
    }

    private sealed class Trainee : UntypedActor
    {
        private readonly TaskCompletionSource<RunFailed> _failed;

        public Trainee(IActorRef coordinator, TaskCompletionSource<RunFailed> failed)
        {
            _failed = failed;
            coordinator.Tell(new Train(5), Self);
        }

        protected override void OnReceive(object message)
        {
            if (message is RunFailed failed)
            {
                _failed.TrySetResult(failed);
            }
            else if (message is TrainingEnded)
            {
                _failed.TrySetException(new InvalidOperationException("The run ended as if nothing had failed."));
            }
        }
    }

    private sealed class RandomBatches(RunPlan plan) : IBatchSource
    {
        public void Fill(int step, Span<int> ids, Span<int> targets)
        {
            TestModels.Tokens(plan.Sequences, plan.SequenceLength - 1, plan.Model.VocabularySize, step).CopyTo(ids);
            TestModels.Tokens(plan.Sequences, plan.SequenceLength - 1, plan.Model.VocabularySize, step + 1).CopyTo(targets);
        }
    }

    private sealed class EndingBatches : IBatchSource
    {
        public void Fill(int step, Span<int> ids, Span<int> targets)
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
