using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Schedules;

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

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks) => new()
    {
        Model = TestModels.Small(layers: 4),
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = Math.Max(1, expertRanks / 2),
        Schedule = schedule,
        MicroBatches = schedule is "1f1b" ? pipelineRanks + 1 : 2 * pipelineRanks,
        Sequences = 6,
        SequenceLength = Length,
        Fabric = new FabricSettings(2, ChunkRows: 5, SlotsPerRing: 2),
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
