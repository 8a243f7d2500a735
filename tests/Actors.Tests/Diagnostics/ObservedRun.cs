using Actors.Cpu;
using Actors.Model.Training;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>A small training run that logs and counts: what the coordinator answered, and what its channels moved.</summary>
internal sealed class ObservedRun : IDisposable
{
    private readonly CpuBackend _backend = new();

    private ObservedRun(Telemetry telemetry, Func<ITensorLink> makeLink, RunPlan plan)
    {
        Memory = new RunMemory(plan, _backend, makeLink, TimeProvider.System, telemetry);
        Memory.Weights.Initialize(Memory.Stream, seed: 1);
        Memory.Weights.Prepare(Memory.Stream);
    }

    public static RunPlan Plan { get; } = new()
    {
        Model = TestModels.Small(layers: 4),
        PipelineRanks = 2,
        ExpertRanks = 4,
        RanksPerNode = 2,
        Schedule = "dualpipe",
        MicroBatches = 4,
        Sequences = 8,
        SequenceLength = 8,
        Fabric = new FabricSettings(1, ChunkRows: 5, SlotsPerRing: 2),
    };

    public RunMemory Memory { get; }

    public List<StepCompleted> Steps { get; } = [];

    public RunFailed? Failure { get; private set; }

    /// <summary>Trains to the end, or until the run fails.</summary>
    public static async Task<ObservedRun> TrainAsync(
        Telemetry telemetry, int steps, Func<ITensorLink>? makeLink = null, TimeSpan? stallTimeout = null)
    {
        var run = new ObservedRun(telemetry, makeLink ?? (() => new HostLink()), Plan);
        using ActorSystem system = ActorSystem.Create("observed", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        ActorRun actors = ActorRun.Start(system, run.Memory, new TrainerOptions
        {
            Optimizer = new OptimizerOptions { LearningRate = LearningRateSchedule.Constant(1e-3) },
            Batches = new SomeBatches(),
            StallTimeout = stallTimeout ?? TimeSpan.FromSeconds(30),
            Time = TimeProvider.System,
        });
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new Trainee(run, actors.Coordinator, steps, ended)));
        await ended.Task.WaitAsync(TestContext.Timeout());
        await system.Terminate().WaitAsync(TestContext.Timeout());
        return run;
    }

    public void Dispose()
    {
        Memory.Dispose();
        _backend.Dispose();
    }

    private sealed class SomeBatches : IBatchSource
    {
        public void Fill(int step, Span<int> ids, Span<int> targets)
        {
            TestModels.Tokens(Plan.Sequences, Plan.SequenceLength - 1, Plan.Model.VocabularySize, step).CopyTo(ids);
            TestModels.Tokens(Plan.Sequences, Plan.SequenceLength - 1, Plan.Model.VocabularySize, step + 1).CopyTo(targets);
        }
    }

    private sealed class Trainee : UntypedActor
    {
        private readonly ObservedRun _run;
        private readonly TaskCompletionSource _ended;

        public Trainee(ObservedRun run, IActorRef coordinator, int steps, TaskCompletionSource ended)
        {
            _run = run;
            _ended = ended;
            coordinator.Tell(new Train(steps), Self);
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case StepCompleted step:
                    _run.Steps.Add(step);
                    break;
                case RunFailed failed:
                    _run.Failure = failed;
                    _ended.TrySetResult();
                    break;
                case TrainingEnded:
                    _ended.TrySetResult();
                    break;
            }
        }
    }
}
