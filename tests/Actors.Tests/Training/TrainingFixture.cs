using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Training;

/// <summary>A run of one test: its memory, its actors, and a probe as their user.</summary>
internal sealed class TrainingFixture : ActorKit
{
    private readonly IBackend _backend;

    public TrainingFixture(
        RunPlan? plan = null, Func<ITensorLink>? makeLink = null, IBackend? backend = null, Telemetry? telemetry = null, bool isStepwise = false,
        string configuration = "")
        : base(isStepwise, configuration)
    {
        _backend = backend ?? new CpuBackend();
        Memory = new TrainingHost(plan ?? SmallPlan, new RunDevices(_backend, makeLink ?? (() => new HostLink())), Time, telemetry);
        foreach ((IStream stream, ModelWeights weights) in Memory.Parts())
        {
            weights.Initialize(stream, seed: 1);
        }

        TrainingCheckpoint.LoadAverages(folder: null, Memory.Parts()[0].Stream, Memory.Moments());
        Batches = new RandomBatches(Memory.Plan);
    }

    /// <summary>Eight ranks in two nodes.</summary>
    public static RunPlan SmallPlan { get; } = TestPlans.OneRank(TestModels.Small(layers: 4), sequences: 8, length: 8) with
    {
        PipelineRanks = 2,
        ExpertRanks = 4,
        RanksPerNode = 2,
        Schedule = "dualpipe",
        MicroBatches = 4,
        Fabric = new FabricSettings(1, ChunkRows: 5, SlotsPerRing: 2),
    };

    public TrainingHost Memory { get; }

    public IBatchSource Batches { get; init; }

    public ICheckpointFolder? Checkpoints { get; init; }

    /// <summary>Learning rate of all steps.</summary>
    public double Rate { get; init; } = 1e-3;

    public double BiasUpdateSpeed { get; init; }

    public double BalanceWeight { get; init; }

    /// <summary>Steps behind the values.</summary>
    public int CompletedSteps { get; init; }

    /// <summary>The actors; they start when this is first read, with the values that the weights have then.</summary>
    public ActorRun Run => field ??= Start();

    /// <summary>The steps that ended while the run trained.</summary>
    public List<StepCompleted> Steps { get; private set; } = [];

    /// <summary>Starts to train; the probe is told of steps and of the end.</summary>
    public TestProbe Train(int lastStep, int checkpointEverySteps = 0)
    {
        TestProbe user = CreateTestProbe();
        Run.Coordinator.Tell(new Train(lastStep, checkpointEverySteps), user);
        return user;
    }

    /// <summary>Trains until the run ends as the test expects, and stops the actors.</summary>
    public async Task<TEnd> TrainAsync<TEnd>(int lastStep)
    {
        TestProbe user = Train(lastStep);
        Steps = await user.ReceiveWhileAsync<StepCompleted>(_ => true, shouldIgnoreOtherMessageTypes: false).ToListAsync();
        TEnd end = await user.ExpectMsgAsync<TEnd>();
        await EndAsync();
        return end;
    }

    /// <summary>Computes loss, logits, choices and gradients of one batch.</summary>
    /// <param name="tokens">(sequences, length); each token's successor is its target, the last has none.</param>
    public Task<BatchCompleted> RunAsync(int[] tokens)
    {
        int length = Memory.Plan.SequenceLength;
        ImmutableArray<int> targets = [.. tokens.Select((_, i) => (i + 1) % length == 0 ? -1 : tokens[i + 1])];
        return Run.RunAsync(new RunBatch([.. tokens], targets, Gradients: true, Capture: true), TestContext.Timeout());
    }

    /// <summary>Logits of the last batch (sequences · (length − depth), vocabulary), of the model (0) or of a prediction module.</summary>
    public async Task<float[]> LogitsAsync(int depth = 0)
    {
        var logits = new List<float>();
        for (int s = 0; s < Memory.Plan.Sequences; s++)
        {
            logits.AddRange(await Run.ReadLogitsAsync(s, depth, TestContext.Timeout()));
        }

        return [.. logits];
    }

    /// <summary>Choices of the last batch, for each layer (sequences · length, K), empty for a dense one; those of prediction modules last, fewer rows.</summary>
    public async Task<int[][]> ExpertsAsync()
    {
        var layers = new List<int[]>();
        for (int layer = 0; layer < Memory.Plan.Model.AllLayers; layer++)
        {
            var experts = new List<int>();
            for (int s = 0; s < Memory.Plan.Sequences && Memory.Plan.Model.HasExperts(layer); s++)
            {
                experts.AddRange(await Run.ReadExpertsAsync(layer, s, TestContext.Timeout()));
            }

            layers.Add([.. experts]);
        }

        return [.. layers];
    }

    /// <summary>Gradients of the last batch, in model order.</summary>
    public async Task<List<(BlockHome Block, float[] Gradient)>> GradientsAsync()
    {
        var gradients = new List<(BlockHome, float[])>();
        foreach (BlockHome block in Run.TrainedBlocks)
        {
            gradients.Add((block, await Run.ReadGradientAsync(block, TestContext.Timeout())));
        }

        return gradients;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Memory.Dispose();
        _backend.Dispose();
    }

    private ActorRun Start()
    {
        foreach ((IStream stream, ModelWeights weights) in Memory.Parts())
        {
            weights.Prepare(stream);
        }

        return ActorRun.Start(Sys, Memory, new TrainerOptions
        {
            Optimizer = TestOptimizer.At(Rate) with { BiasUpdateSpeed = BiasUpdateSpeed, BalanceWeight = BalanceWeight },
            Batches = Batches,
            CompletedSteps = CompletedSteps,
            Checkpoints = Checkpoints,
            StallTimeout = StallTimeout,
            Time = Time,
        });
    }

    private sealed class RandomBatches(RunPlan plan) : IBatchSource
    {
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            Of(step, sequence).CopyTo(ids);
            Of(step + 1, sequence).CopyTo(targets);
        }

        // The last batch is not full.
        public int HeldOutSequences => (2 * plan.Sequences) - 1;

        public void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets)
        {
            if (sequence < HeldOutSequences)
            {
                Draw(1000 + (sequence / plan.Sequences), sequence % plan.Sequences, ids, targets);
            }
            else
            {
                ids.Clear();
                targets.Fill(-1);
            }
        }

        private Span<int> Of(int seed, int sequence) => TestModels
            .Tokens(sequence + 1, plan.SequenceLength - 1, plan.Model.VocabularySize, seed)
            .AsSpan(sequence * plan.SequenceLength, plan.SequenceLength);
    }
}
