using System.Collections.Immutable;
using Akka.Actor;
using Actors.Cpu;
using Actors.Model;
using Actors.Model.Parameters;
using Actors.Model.Serial;
using Actors.Model.Training;
using Actors.Runtime.Fabric;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>At the same placement the actors' run equals the serial model: losses bit for bit, gradients to rounding.</summary>
public sealed class ActorsEqualSerial
{
    private const int Length = 12;

    /// <summary>Gradients differ only in the order in which chunks are summed: DESIGN.md's bound.</summary>
    private const double CosineTolerance = 1e-13;

    public static TheoryData<string, int, int, int, int, int> Placements() => new()
    {
        // schedule, pipeline ranks, expert ranks, ranks a node, micro-batches, channels
        { "1f1b", 1, 1, 1, 1, 1 },
        { "1f1b", 1, 1, 1, 3, 2 },
        { "1f1b", 1, 4, 2, 2, 2 },
        { "1f1b", 2, 2, 1, 4, 1 },
        { "1f1b", 4, 2, 2, 5, 3 },
        { "1f1b", 8, 1, 1, 8, 1 },
        { "1f1b", 2, 8, 4, 4, 2 },
        { "dualpipe", 2, 1, 1, 4, 1 },
        { "dualpipe", 2, 4, 2, 4, 10 },
        { "dualpipe", 4, 2, 1, 8, 2 },
        { "dualpipe", 8, 2, 2, 16, 1 },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task Losses_are_bit_equal_and_gradients_point_the_same_way(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int channels)
    {
        ModelConfig config = TestModels.Small(layers: 8);
        var plan = new RunPlan
        {
            Model = config,
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            Schedule = schedule,
            MicroBatches = microBatches,
            Sequences = 6,
            SequenceLength = Length,
            Fabric = new FabricSettings(channels, ChunkRows: 5, SlotsPerRing: 2),
        };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length, config.VocabularySize, seed: 7);
        using IBackend backend = new CpuBackend();
        SerialStep serial = SerialStep.Run(backend, plan, tokens);

        using var memory = new RunMemory(plan, backend, () => new HostLink(), TimeProvider.System);
        memory.Weights.Initialize(memory.Stream, seed: 1);
        using ActorSystem system = ActorSystem.Create("parity");
        ActorRun run = ActorRun.Start(system, memory, new TrainerOptions
        {
            Optimizer = new OptimizerOptions { LearningRate = LearningRateSchedule.Constant(1e-3) },
            Time = TimeProvider.System,
        });
        BatchCompleted completed = await run.RunAsync(Batch(tokens, plan.Sequences, gradients: true), TestContext.Timeout());

        Assert.Equal(serial.Loss, completed.Loss);
        foreach ((ParameterBlock block, Tensor gradient) in run.Gradients())
        {
            double distance = Cosine.Distance(serial.Gradients[block.Name], gradient.AsSpan<float>());
            Assert.True(distance < CosineTolerance, $"{block.Name}: cosine distance {distance:g3}");
        }

        await system.Terminate();
    }

    private static RunBatch Batch(int[] tokens, int sequences, bool gradients)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        var targets = ImmutableArray.CreateBuilder<int>();
        for (int s = 0; s < sequences; s++)
        {
            ids.AddRange(tokens.AsSpan(s * (Length + 1), Length));
            targets.AddRange(tokens.AsSpan((s * (Length + 1)) + 1, Length));
        }

        return new RunBatch(ids.ToImmutable(), targets.ToImmutable(), gradients, Capture: false);
    }

    /// <summary>What the serial model computes of the same step.</summary>
    private sealed record SerialStep(double Loss, Dictionary<string, float[]> Gradients)
    {
        public static SerialStep Run(IBackend backend, RunPlan plan, int[] tokens)
        {
            using IStream stream = backend.CreateStream("serial");
            using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
            weights.Initialize(stream, seed: 1);
            using var trainer = new SerialTrainer(
                backend, stream, weights, plan.ExpertPlacement(), new Model.Placement.BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks),
                plan.SequenceLength, new OptimizerOptions { LearningRate = LearningRateSchedule.Constant(1e-3) });
            double loss = trainer.Step(tokens).Loss;
            return new SerialStep(loss, trainer.Gradients.Blocks.ToDictionary(block => block.Name, block => trainer.Gradients[block].AsSpan<float>().ToArray()));
        }
    }
}
