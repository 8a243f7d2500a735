using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Training;

/// <summary>
/// Ranks whose device orders their streams exchange rows by operations of their streams, whatever the order of turns and however long operations take, with the
/// bits of a run whose channels carry them.
/// </summary>
public sealed class DeviceExchangeTests
{
    private const int Steps = 2;

    /// <summary>Of 8 expert ranks 6 have empty chunks: a micro-batch has 2 sequences.</summary>
    [Theory]
    [InlineData("1f1b", 1, 2, 2, 4, 1, 20)]
    [InlineData("1f1b", 1, 4, 4, 2, 1, 20)]
    [InlineData("1f1b", 1, 8, 8, 2, 1, 10)]
    [InlineData("1f1b", 1, 8, 2, 2, 1, 10)]
    [InlineData("gpipe", 2, 2, 2, 3, 2, 10)]
    [InlineData("dualpipe", 2, 4, 4, 4, 1, 10)]
    [InlineData("dualpipe", 4, 2, 1, 8, 1, 5)]
    [InlineData("zbv", 2, 2, 2, 4, 1, 10)]
    public void Gives_the_bits_of_channels(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int dataGroups, int seeds) =>
        Compare(Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode, microBatches, dataGroups), seeds);

    /// <summary>Rows travel as codes in one phase or in both: tokens where the hidden size has whole tiles, gradients where the inner size has.</summary>
    [Theory]
    [InlineData("1f1b", 1, 4, 2, 2, 128, 128)]
    [InlineData("dualpipe", 2, 4, 4, 4, 128, 128)]
    [InlineData("1f1b", 1, 4, 2, 2, 128, 4)]
    [InlineData("1f1b", 1, 4, 2, 2, 8, 128)]
    public void Codes_give_the_bits_of_channels(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int hidden, int inner)
    {
        RunPlan plan = Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode, microBatches);
        Compare(plan with { Model = plan.Model with { HiddenSize = hidden, ExpertIntermediateSize = inner } }, seeds: 5, precision: Precision.Fp8);
    }

    /// <summary>Steps of 6, 12 and 16 sequences, which play 3, 6 and 8 micro-batches, or 4 where DualPipe has no fewer.</summary>
    [Theory]
    [InlineData("1f1b", 2, 2)]
    [InlineData("dualpipe", 2, 4)]
    public void Small_steps_of_a_growing_batch_give_the_bits_of_channels(string schedule, int pipelineRanks, int expertRanks)
    {
        RunPlan plan = Models.Plan(schedule, pipelineRanks, expertRanks, expertRanks, microBatches: 8);
        plan = plan with { Batches = new BatchSchedule(plan.Sequences, plan.SequenceLength, passes: 1, new BatchRamp(6, 6, 60)) };
        Assert.Equal([schedule == "dualpipe" ? 4 : 3, 6, 8], plan.MicroBatchCounts());
        Compare(plan, seeds: 5, steps: 3);
    }

    /// <summary>Each token goes to expert 0, and with its other choices to the experts of one more rank: others get no row.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1.0)]
    public void All_rows_may_go_to_one_rank(double? capacityFactor)
    {
        RunPlan plan = Models.Plan("1f1b", 1, 4, 2, 2);
        plan = plan with { Fabric = plan.Fabric with { CapacityFactor = capacityFactor } };
        Compare(plan, seeds: 10, host => Prefer(host.Parts(), expert: 0));
    }

    [Fact]
    public void A_step_whose_rows_had_no_room_runs_again_before_the_update()
    {
        RunPlan plan = Models.Plan("dualpipe", 2, 4, 4, 4) with { Sequences = 16 };
        plan = plan with { Fabric = plan.Fabric with { CapacityFactor = 1 } };
        TrainingOutcome expected = TrainingRuns.WithoutSimulation(plan, Steps);
        int repeated = 0;
        Seeds.ForAll(10, seed =>
        {
            var log = new WarningLog();
            using var training = new SimulatedTraining(plan, seed, ordersStreams: true, loggers: log);
            training.Train(Steps).AssertEquals(expected);
            repeated += log.Warnings.Count(warning => warning.StartsWith("step 1 runs again", StringComparison.Ordinal));
        });

        Assert.True(repeated >= 10, $"{repeated} of 10 runs have repeated their first step");
    }

    /// <summary>A batch that is evaluated, whose layers' outputs are searched, and one with gradients: repeated where rows have no room, too.</summary>
    [Theory]
    [InlineData(1, 4, 2, null)]
    [InlineData(2, 4, 4, 1.0)]
    [InlineData(1, 8, 8, 1.0)]
    public void A_batch_gives_the_loss_of_channels(int pipelineRanks, int expertRanks, int ranksPerNode, double? capacityFactor)
    {
        RunPlan plan = Models.Plan("1f1b", pipelineRanks, expertRanks, ranksPerNode, microBatches: 2) with { Sequences = 16 };
        plan = plan with { Fabric = plan.Fabric with { CapacityFactor = capacityFactor } };
        int[] ids = Models.Tokens((int)plan.TokensPerStep, seed: 1), targets = Models.Tokens(ids.Length, seed: 2);
        RunBatch[] batches = [.. new[] { (false, true), (false, false), (true, false), (false, false) }.Select(batch => new RunBatch([.. ids], [.. targets], batch.Item1, batch.Item2))];
        double[] expected = Losses(seed: 1, ordersStreams: false);
        Seeds.ForAll(10, seed => Assert.Equal(expected, Losses(seed, ordersStreams: true)));

        double[] Losses(ulong seed, bool ordersStreams)
        {
            using var training = new SimulatedTraining(plan, seed, ordersStreams: ordersStreams);
            return [.. batches.Select(training.Run)];
        }
    }

    [Fact]
    public void Rows_are_counted_when_a_step_has_ended()
    {
        RunPlan plan = Models.Plan("1f1b", 1, 4, 2, 2);
        using var training = new SimulatedTraining(plan, seed: 3, ordersStreams: true);
        training.Train(1);
        var traffic = Enumerable.Range(0, plan.Ranks).SelectMany(rank => Enumerable.Range(0, plan.Fabric.Channels).Select(channel => training.Traffic(rank, channel))).ToArray();
        long rows = traffic.Sum(channel => channel.FastRows + channel.SlowRows), tokens = plan.TokensPerStep, layers = plan.Model.Layers - plan.Model.FirstDenseLayers;
        Assert.InRange(rows, 4 * layers * tokens, 4 * layers * tokens * plan.Model.ExpertsPerToken);
        Assert.Equal(rows * plan.Model.HiddenSize * sizeof(float), traffic.Sum(channel => channel.FastBytes + channel.SlowBytes));
        Assert.True(traffic.Sum(channel => channel.SlowRows) > 0);
        Assert.True(traffic.Sum(channel => channel.Messages) > 0);
    }

    /// <summary>A row out has 132 bytes for 128 elements, a row back 256.</summary>
    [Fact]
    public void Codes_are_counted_as_what_they_take()
    {
        RunPlan plan = Models.OfCodes(Models.Plan("1f1b", 1, 4, 2, 2));
        using var training = new SimulatedTraining(plan, seed: 3, ordersStreams: true, precision: Precision.Fp8);
        training.Train(1);
        var traffic = Enumerable.Range(0, plan.Ranks).Select(rank => training.Traffic(rank, channel: 0)).ToArray();
        Assert.All(traffic, rank => Assert.Equal((rank.FastRows / 2 * (132 + 256), rank.SlowRows / 2 * (132 + 256)), (rank.FastBytes, rank.SlowBytes)));
        Assert.True(traffic.Sum(rank => rank.SlowRows) > 0);
    }

    private static void Compare(RunPlan plan, int seeds, Action<TrainingHost>? prepare = null, Precision? precision = null, int steps = Steps)
    {
        TrainingOutcome expected = TrainingRuns.WithoutSimulation(plan, steps, prepare: prepare, precision: precision);
        Seeds.ForAll(seeds, seed =>
        {
            using var training = new SimulatedTraining(plan, seed, ordersStreams: true, prepare: prepare, precision: precision);
            training.Train(steps).AssertEquals(expected);
        });
    }

    private static void Prefer(IEnumerable<(IStream Stream, ModelWeights Weights)> parts, int expert)
    {
        foreach ((_, ModelWeights weights) in parts)
        {
            foreach (ParameterBlock block in weights.Blocks.Where(block => block.Name.EndsWith("e_score_correction_bias", StringComparison.Ordinal)))
            {
                block.Values.AsSpan<float>()[expert] = 10;
            }
        }
    }
}
