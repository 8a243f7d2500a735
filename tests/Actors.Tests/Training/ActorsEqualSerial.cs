using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Runtime.Cluster;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>At the same placement the actors' run equals the serial model: outputs and losses bit for bit, gradients to rounding.</summary>
public sealed class ActorsEqualSerial
{
    private const int Length = 8;

    /// <summary>A sum of the same float32 losses in float64 in another order.</summary>
    private const double LossOrderTolerance = 1e-13;

    public static TheoryData<string, int, int> Placements()
    {
        var data = new TheoryData<string, int, int>();
        foreach (int pipelineRanks in (int[])[1, 2, 4, 8])
        {
            foreach (int expertRanks in (int[])[1, 2, 4, 8, 32])
            {
                data.Add("1f1b", pipelineRanks, expertRanks);
                if (pipelineRanks > 1)
                {
                    data.Add("dualpipe", pipelineRanks, expertRanks);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task Every_placement_gives_the_serial_numbers(string schedule, int pipelineRanks, int expertRanks)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks) with
        {
            Model = TestModels.Small(layers: 8, experts: expertRanks == 32 ? 32 : 16),
            RanksPerNode = expertRanks switch { 32 => 8, 1 => 1, _ => expertRanks / 2 },
            Fabric = new FabricSettings(Channels: expertRanks is 2 or 4 ? 3 : 1, ChunkRows: 5, SlotsPerRing: 2),
        };

        await AssertEqualsSerialAsync(plan);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Every_schedule_gives_the_serial_numbers(string schedule, int pipelineRanks, int microBatches, int? stagesPerRank)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, 2) with
        {
            Model = TestModels.Small(layers: 8),
            MicroBatches = microBatches,
            StagesPerRank = stagesPerRank,
            Sequences = microBatches + 1,
        };

        await AssertEqualsSerialAsync(plan);
    }

    /// <summary>Every schedule that trains, on two and four ranks, with few and with more micro-batches than it needs.</summary>
    public static TheoryData<string, int, int, int?> Schedules()
    {
        var data = new TheoryData<string, int, int, int?>();
        foreach (ISchedule schedule in ScheduleCatalog.All.Where(schedule => schedule != ScheduleCatalog.ForwardOnly))
        {
            foreach (int ranks in (int[])[2, 4])
            {
                foreach (int stages in schedule.TakesStagesPerRank ? (int[])[1, 2, 8 / ranks] : [schedule.StagesPerRank])
                {
                    int? named = schedule.TakesStagesPerRank ? stages : null;
                    foreach (int microBatches in (int[])[ranks, 2 * ranks])
                    {
                        if (schedule.Refuse(new PipelineSize(ranks, microBatches, named)) is null)
                        {
                            data.Add(schedule.Name, ranks, microBatches, named);
                        }
                    }
                }
            }
        }

        return data;
    }

    [Theory]
    [InlineData("1f1b", 2, 3)]
    [InlineData("1f1b", 3, 4)]
    [InlineData("dualpipe", 2, 3)]
    [InlineData("zbv", 2, 5)]
    [InlineData("interleaved-1f1b", 2, 7)]
    [InlineData("dualpipev", 1, 3)]
    public async Task Stages_of_unequal_depth_do_too(string schedule, int pipelineRanks, int layers)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, 4) with { Model = TestModels.Small(layers) };

        await AssertEqualsSerialAsync(plan);
    }

    /// <summary>
    /// Prediction modules on the last stage: with the first one on the same rank, whose embedding and gradient they share, and with both on ranks apart, which
    /// exchange the gradient.
    /// </summary>
    [Theory]
    [InlineData("1f1b", 1, 1, 1)]
    [InlineData("1f1b", 2, 4, 2)]
    [InlineData("dualpipe", 2, 2, 1)]
    [InlineData("dualpipe", 4, 2, 2)]
    [InlineData("zbv", 2, 2, 1)]
    [InlineData("interleaved-1f1b", 2, 2, 2)]
    [InlineData("dualpipev", 1, 4, 1)]
    public async Task Prediction_modules_give_the_serial_numbers(string schedule, int pipelineRanks, int expertRanks, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks) with { Model = TestModels.Small(layers: 5) with { PredictLayers = modules } };

        await AssertEqualsSerialAsync(plan);
    }

    [Theory]
    [InlineData("1f1b", ActivationMode.Recomputed, 1, 2)]
    [InlineData("dualpipe", ActivationMode.Recomputed, 2, 2)]
    [InlineData("dualpipe", ActivationMode.Kept, 10, 1)]
    public async Task Recomputation_channels_and_nodes_of_one_rank_change_nothing(
        string schedule, ActivationMode mode, int channels, int ranksPerNode)
    {
        RunPlan plan = Plan(schedule, 2, 4) with
        {
            Activations = mode,
            RanksPerNode = ranksPerNode,
            Fabric = new FabricSettings(channels, ChunkRows: 1, SlotsPerRing: 1),
        };

        await AssertEqualsSerialAsync(plan);
    }

    [Fact]
    public async Task Data_groups_share_the_sequences_and_sum_their_gradients()
    {
        RunPlan plan = Plan("dualpipe", 2, 2) with { DataGroups = 2, Sequences = 8 };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens);
        ParityRun serial = ParityRun.Serial(plan, tokens);

        Assert.Equal(serial.Loss, actors.Loss, LossOrderTolerance);
        actors.AssertOutputsEqual(serial);
    }

    [Fact]
    public async Task Twenty_runs_with_different_thread_timings_give_the_same_bits()
    {
        RunPlan plan = Plan("dualpipe", 2, 4) with { Model = TestModels.Small(layers: 3), Fabric = new FabricSettings(2, 3, 1) };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun first = await ParityRun.ThroughActorsAsync(plan, tokens);
        first.AssertEquals(ParityRun.Serial(plan, tokens));
        for (int run = 1; run <= 20; run++)
        {
            int link = 0;
            ParityRun again = await ParityRun.ThroughActorsAsync(
                plan, tokens, () => new JitterLink(new HostLink(), (run * 1000) + Interlocked.Increment(ref link)));

            Assert.Equal(first.Loss, again.Loss);
            Assert.True(first.Logits.AsSpan().SequenceEqual(again.Logits), $"run {run}: the logits differ");
            Assert.All(first.Gradients, entry => Assert.Equal(entry.Value, again.Gradients[entry.Key]));
        }
    }

    /// <summary>Rows that lie where they belong only some time after they were asked for change nothing, in either kind of memory.</summary>
    [Theory]
    [InlineData("dualpipe", 2, 4, 2, false)]
    [InlineData("dualpipe", 2, 4, 2, true)]
    [InlineData("dualpipe", 2, 4, 1, true)]
    [InlineData("zbv", 2, 2, 1, true)]
    [InlineData("1f1b", 3, 2, 2, true)]
    [InlineData("interleaved-1f1b", 2, 2, 4, true)]
    public async Task Links_that_end_later_in_any_order_change_nothing(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks) with
        {
            RanksPerNode = ranksPerNode,
            DataGroups = 2,
            Sequences = 8,
            SeparatesNodes = separates,
            Fabric = new FabricSettings(2, ChunkRows: 3, SlotsPerRing: 1),
        };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun first = await ParityRun.ThroughActorsAsync(plan, tokens);
        first.AssertOutputsEqual(ParityRun.Serial(plan, tokens));
        for (int seed = 1; seed <= 5; seed++)
        {
            using var links = new LateLinks(seed);
            ParityRun late = await ParityRun.ThroughActorsAsync(plan, tokens, links.Make);

            Assert.Equal(first.Loss, late.Loss);
            Assert.True(first.Logits.AsSpan().SequenceEqual(late.Logits), $"seed {seed}: the logits differ");
            Assert.All(first.Gradients, entry => Assert.Equal(entry.Value, late.Gradients[entry.Key]));
        }
    }

    /// <summary>
    /// The first and the last stage of one rank use the same embedding and add to the same gradient of it; copies on other ranks stay equal, and the run is
    /// the same whichever of them share memory.
    /// </summary>
    [Fact]
    public async Task A_rank_has_one_embedding_and_one_gradient_for_all_its_uses()
    {
        RunPlan plan = Plan("dualpipe", 2, 2) with { Model = TestModels.Small(layers: 4) with { PredictLayers = 1 }, Sequences = 8 };
        using (var host = new TrainingHost(plan, new RunDevices(new CpuBackend(), () => new HostLink()), TimeProvider.System))
        {
            Assert.All(Enumerable.Range(0, plan.Ranks).Select(host.Rank), rank =>
            {
                Assert.Equal(2, rank.Stages.Length);
                Assert.Same(rank.Stages[0].Gradients, rank.Stages[1].Gradients);
                Assert.Single(rank.Stages[0].Gradients!.Blocks, block => block.Name == "model.embed_tokens.weight");
            });
        }

        (float[] shared, string[] _) = await TrainAsync(plan, makeLink: null);
        using var links = new LateLinks(seed: 3);
        (float[] apart, string[] copies) = await TrainAsync(plan with { SeparatesNodes = true }, links.Make);
        Assert.True(shared.AsSpan().SequenceEqual(apart), "weights or moments differ");
        Assert.Empty(copies);
    }

    /// <summary>After some steps every domain's copy of a block, its owner's moments and the correction biases are those of one memory.</summary>
    [Theory]
    [InlineData("dualpipe", 2, 4, 2, 1)]
    [InlineData("dualpipe", 4, 2, 1, 1)]
    [InlineData("1f1b", 2, 4, 4, 2)]
    [InlineData("1f1b", 2, 2, 4, 2)]
    public async Task Training_with_memory_of_its_own_on_each_node_gives_the_same_weights(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int dataGroups)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks) with { RanksPerNode = ranksPerNode, DataGroups = dataGroups, Sequences = 8 };
        (float[] shared, string[] _) = await TrainAsync(plan, makeLink: null);
        using var links = new LateLinks(seed: 3);

        (float[] apart, string[] copies) = await TrainAsync(plan with { SeparatesNodes = true }, links.Make);

        Assert.True(shared.AsSpan().SequenceEqual(apart), "weights or moments differ");
        Assert.Empty(copies);
    }

    /// <summary>Values and moments after three steps, in model order, and the blocks of which two domains have different copies.</summary>
    private static async Task<(float[] State, string[] DifferentCopies)> TrainAsync(RunPlan plan, Func<ITensorLink>? makeLink)
    {
        using var training = new TrainingFixture(plan, makeLink) { BiasUpdateSpeed = 0.01 };
        await training.TrainAsync<TrainingEnded>(3);
        float[] state =
        [
            .. training.Memory.Blocks().SelectMany(block => block.Values.AsSpan<float>().ToArray()),
            .. training.Memory.Moments().SelectMany(block => (float[])[.. block.First.AsSpan<float>(), .. block.Second.AsSpan<float>()]),
        ];
        string[] different = [.. training.Memory.Parts()
            .SelectMany(part => part.Weights.Blocks)
            .GroupBy(block => block.Name)
            .Where(copies => copies.Any(copy => !copy.Values.AsSpan<float>().SequenceEqual(copies.First().Values.AsSpan<float>())))
            .Select(copies => copies.Key)];
        return (state, different);
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks) => TestPlans.OneRank(TestModels.Small(layers: 4), sequences: 6, Length) with
    {
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = Math.Max(1, expertRanks / 2),
        Schedule = schedule,
        MicroBatches = schedule is "1f1b" ? pipelineRanks + 1 : 2 * pipelineRanks,
    };

    private static async Task AssertEqualsSerialAsync(RunPlan plan)
    {
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun serial = ParityRun.Serial(plan, tokens);
        ParityRun shared = await ParityRun.ThroughActorsAsync(plan, tokens);
        shared.AssertEquals(serial);

        // Nodes with memory of their own add the same numbers in the same order: gradients too are equal to the last bit.
        ParityRun apart = await ParityRun.ThroughActorsAsync(plan with { SeparatesNodes = true }, tokens);
        apart.AssertEquals(serial);
        Assert.All(shared.Gradients, entry => Assert.Equal(entry.Value, apart.Gradients[entry.Key]));
    }
}
