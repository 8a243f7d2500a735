using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Training;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training.Memory;

/// <summary>
/// The table before a run is held to what the run then takes, by rank and kind: within 2% where a kind follows from the plan. Who is ahead decides how much of shared
/// temporaries, of rows and of frames there is at once, and the gate how many rows come to a rank's experts: these are held to the bound.
/// </summary>
public sealed class MemoryTableTests
{
    private const double Within = 0.02;

    private static readonly MemoryKind[] Planned =
    [
        MemoryKind.Other, MemoryKind.Values, MemoryKind.Gradients, MemoryKind.Moments, MemoryKind.Averages, MemoryKind.Copies, MemoryKind.Activations, MemoryKind.Logits,
        MemoryKind.Tokens, MemoryKind.Rings,
    ];

    private static readonly ModelConfig Model = TestModels.Small(layers: 4) with { HiddenSize = 128, IntermediateSize = 256, ExpertIntermediateSize = 128, VocabularySize = 256 };

    /// <summary>
    /// All rows come to the only rank, so every kind follows from the plan but temporaries: how many layers' there are at once depends on when its experts' actor answers.
    /// </summary>
    [Theory]
    [InlineData(0, ActivationMode.Kept, 0, ElementType.Float32, false, LogitsBlocks.Limit)]
    [InlineData(0, ActivationMode.Recomputed, 1, ElementType.BFloat16, true, LogitsBlocks.Limit)]
    [InlineData(0, ActivationMode.Kept, 1, ElementType.Float32, false, 1 << 17)]
    [InlineData(1, ActivationMode.Kept, 0, ElementType.BFloat16, true, LogitsBlocks.Limit)]
    [InlineData(1, ActivationMode.Recomputed, 1, ElementType.Float32, false, 1 << 17)]
    [InlineData(2, ActivationMode.Kept, 0, ElementType.Float32, false, LogitsBlocks.Limit)]
    [InlineData(2, ActivationMode.Recomputed, 1, ElementType.BFloat16, true, LogitsBlocks.Limit)]
    public async Task All_that_one_rank_takes_is_said_before(int precision, ActivationMode mode, int modules, ElementType moments, bool averages, long logitsLimit)
    {
        RunPlan plan = Plan("1f1b", 1, 1, 1, microBatches: 2) with
        {
            Model = Model with { PredictLayers = modules },
            Activations = mode,
            Moments = moments,
            Average = averages ? new AverageOptions(0.9, 1) : null,
            LogitsLimit = logitsLimit,
        };

        await HoldAsync(plan, precision, [.. MemoryEstimate.Kinds.Where(kind => kind != MemoryKind.Temporaries)]);
    }

    [Theory]
    [InlineData("gpipe", 1, 1, 1, 1, 4, false, 0)]
    [InlineData("1f1b", 4, 1, 1, 1, 4, false, 0)]
    [InlineData("zb1p", 2, 1, 1, 2, 4, false, 1)]
    [InlineData("dualpipe", 2, 1, 1, 1, 4, false, 0)]
    [InlineData("dualpipe", 2, 4, 2, 1, 4, false, 0)]
    [InlineData("1f1b", 2, 2, 2, 1, 4, true, 2)]
    [InlineData("1f1b", 1, 4, 2, 1, 2, true, 0)]
    [InlineData("1f1b", 1, 2, 1, 2, 2, false, 1)]
    public async Task What_follows_from_the_plan_is_said_before_of_each_rank_and_domain(
        string schedule, int pipeline, int experts, int perNode, int dataGroups, int microBatches, bool separates, int precision) =>
        await HoldAsync(Plan(schedule, pipeline, experts, perNode, microBatches) with { DataGroups = dataGroups, SeparatesNodes = separates }, precision, Planned);

    /// <summary>Every token chooses all experts, so the routing is even, and what experts keep follows from the plan.</summary>
    [Theory]
    [InlineData("1f1b", 1, 2, 2, false)]
    [InlineData("1f1b", 1, 4, 2, true)]
    [InlineData("dualpipe", 2, 2, 1, false)]
    public async Task What_experts_keep_is_said_before_for_an_even_routing(string schedule, int pipeline, int experts, int perNode, bool separates)
    {
        RunPlan plan = Plan(schedule, pipeline, experts, perNode, microBatches: 4) with
        {
            Model = Model with { ExpertsPerToken = 8, RoutedExperts = 8, ExpertGroups = 4, ExpertGroupsKept = 4 },
            SeparatesNodes = separates,
        };

        await HoldAsync(plan, precision: 0, [.. Planned, MemoryKind.Experts]);
    }

    /// <summary>The table of a chunk's documents, 4 bytes a token; nothing is held out, so no chunk is evaluated.</summary>
    [Fact]
    public async Task Masked_documents_and_a_run_that_holds_nothing_out_are_said_before()
    {
        RunPlan plan = Plan("1f1b", 2, 1, 1, microBatches: 4) with { MasksDocuments = true };
        using var training = new TrainingFixture(plan) { Batches = new Documents(plan) };
        await training.TrainAsync<TrainingEnded>(2);

        using var cpu = new CpuBackend();
        Hold(new TrainingMemory(plan, cpu, evaluates: false), training.Memory, Planned);
        Assert.NotEqual(
            new TrainingMemory(plan, cpu).Of(RoutingLoad.Balanced).Ranks[0][MemoryKind.Activations],
            new TrainingMemory(plan with { MasksDocuments = false }, cpu).Of(RoutingLoad.Balanced).Ranks[0][MemoryKind.Activations]);
    }

    [Fact]
    public void Ranks_that_take_about_the_same_are_one_row_with_the_largest_of_each_kind()
    {
        RunPlan plan = Plan("1f1b", 1, 4, 4, microBatches: 2);
        MemoryEstimate small = MemoryEstimate.For(MemoryKind.Values, 1000), larger = MemoryEstimate.For(MemoryKind.Values, 1005), other = MemoryEstimate.For(MemoryKind.Gradients, 1000);
        var table = new MemoryTable(plan, [small, other, larger, small], [small]);

        IReadOnlyList<MemoryGroup> groups = table.Groups(most: 12);

        Assert.Equal([[0, 2, 3], [1], [0]], groups.Select(group => group.Numbers.ToArray()));
        Assert.Equal(1005, groups[0].Each.Weights);
        Assert.Equal([false, false, true], groups.Select(group => group.AreDomains));
        Assert.Equal(2, table.Groups(most: 2).Count);
    }

    private static RunPlan Plan(string schedule, int pipeline, int experts, int perNode, int microBatches) => TestPlans.OneRank(Model, sequences: 16, length: 32) with
    {
        Schedule = schedule,
        PipelineRanks = pipeline,
        ExpertRanks = experts,
        RanksPerNode = perNode,
        MicroBatches = microBatches,
        Fabric = new FabricSettings(1, 64, 2),
    };

    private static async Task HoldAsync(RunPlan plan, int precision, IReadOnlyList<MemoryKind> planned)
    {
        IBackend backend = precision == 0 ? new CpuBackend() : new RoundedBackend(new CpuBackend(), precision == 1 ? null : Precision.Fp8);
        using var training = new TrainingFixture(plan, backend: backend);
        ImmutableArray<int> tokens = [.. TestModels.Tokens(plan.Sequences, plan.SequenceLength - 1, plan.Model.VocabularySize, seed: 3)];
        foreach (bool gradients in new[] { true, true, false })
        {
            await training.Run.RunAsync(new RunBatch(tokens, tokens, gradients, Capture: false), TestContext.Timeout());
        }

        Hold(new TrainingMemory(plan, backend), training.Memory, planned);
    }

    private static void Hold(TrainingMemory memory, TrainingHost host, IReadOnlyList<MemoryKind> planned)
    {
        MemoryTable taken = host.MemoryTaken(), even = memory.Of(RoutingLoad.Balanced), most = memory.Of(RoutingLoad.Most);
        var flaws = new List<string>();
        for (int owner = 0; owner < host.Plan.Ranks + host.Plan.Domains; owner++)
        {
            (MemoryEstimate Taken, MemoryEstimate Even, MemoryEstimate Most) of = (Of(taken, owner), Of(even, owner), Of(most, owner));
            flaws.AddRange(planned.Where(kind => Math.Abs(of.Taken[kind] - of.Even[kind]) > Within * of.Taken[kind])
                .Select(kind => $"{NameOf(host, owner)}: {kind} {of.Even[kind]}, taken {of.Taken[kind]}"));
            flaws.AddRange(MemoryEstimate.Kinds.Where(kind => of.Taken[kind] > of.Most[kind]).Select(kind => $"{NameOf(host, owner)}: {kind} at most {of.Most[kind]}, taken {of.Taken[kind]}"));
        }

        Assert.True(flaws.Count == 0, string.Join('\n', flaws));
    }

    private static MemoryEstimate Of(MemoryTable table, int owner) => owner < table.Ranks.Length ? table.Ranks[owner] : table.Domains[owner - table.Ranks.Length];

    private static string NameOf(TrainingHost host, int owner) => owner < host.Plan.Ranks ? $"rank {owner}" : $"domain {owner - host.Plan.Ranks}";

    /// <summary>Sequences of two documents each.</summary>
    private sealed class Documents(RunPlan plan) : IBatchSource
    {
        public bool MasksDocuments => true;

        public int HeldOutSequences => 0;

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            int[] tokens = TestModels.Tokens(1, plan.SequenceLength, plan.Model.VocabularySize, seed: (100 * step) + sequence);
            tokens.AsSpan(0, ids.Length).CopyTo(ids);
            tokens.AsSpan(1, targets.Length).CopyTo(targets);
        }

        public void DrawPositions(int step, int sequence, Span<int> positions)
        {
            for (int i = 0; i < positions.Length; i++)
            {
                positions[i] = i % (positions.Length / 2);
            }
        }
    }
}
