using Actors.Runtime.Placement;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Training;

/// <summary>
/// Stages whose devices order their streams lend each other rows by marks, on one device or on several: whoever is ahead, and however long operations take, with the
/// bits of a run on threads. Steps have so many micro-batches that memory is lent again within a step.
/// </summary>
public sealed class LentRowsTests
{
    private const int Steps = 2;

    [Theory]
    [InlineData("dualpipe", 2, 1, 20, 1, 12)]
    [InlineData("dualpipe", 2, 1, 20, 2, 12)]
    [InlineData("dualpipev", 2, 1, 20, 1, 12)]
    [InlineData("dualpipev", 2, 1, 20, 2, 12)]
    [InlineData("dualpipe", 4, 1, 16, 4, 8)]
    [InlineData("dualpipev", 4, 1, 16, 2, 6)]
    [InlineData("1f1b", 4, 1, 16, 4, 8)]
    [InlineData("zbv", 2, 1, 16, 2, 8)]
    [InlineData("dualpipe", 2, 2, 12, 4, 6)]
    [InlineData("dualpipev", 2, 2, 12, 2, 6)]
    public void Gives_the_bits_of_a_run_on_threads(string schedule, int pipelineRanks, int expertRanks, int microBatches, int devices, int seeds)
    {
        RunPlan plan = PlanOf(schedule, pipelineRanks, expertRanks, microBatches, devices);
        TrainingOutcome expected = TrainingRuns.WithoutSimulation(plan with { Devices = 1 }, Steps);
        Seeds.ForAll(seeds, seed =>
        {
            using var training = new SimulatedTraining(plan, seed, ordersStreams: true);
            training.Train(Steps).AssertEquals(expected);
        });
    }

    /// <summary>A stage that computes all chunks before any comes back laps one that takes long to copy each: memory is to be lent again before it was read.</summary>
    [Theory]
    [InlineData("gpipe", 2, 1)]
    [InlineData("gpipe", 2, 2)]
    [InlineData("gpipe", 4, 4)]
    public void Rows_are_not_written_over_before_a_slow_stage_has_read_them(string schedule, int pipelineRanks, int devices)
    {
        RunPlan plan = PlanOf(schedule, pipelineRanks, expertRanks: 1, microBatches: 24, devices);
        TrainingOutcome expected = TrainingRuns.WithoutSimulation(plan with { Devices = 1 }, Steps);
        Seeds.ForAll(8, seed =>
        {
            using var training = new SimulatedTraining(plan, seed, loop => new SlowCopies(loop), ordersStreams: true);
            training.Train(Steps).AssertEquals(expected);
        });
    }

    /// <summary>A stage hears of its device where it has come closer, which is every eighth component, and once at a step's end; no link writes a frame.</summary>
    [Theory]
    [InlineData("dualpipe", 2, 2)]
    [InlineData("dualpipev", 2, 1)]
    [InlineData("1f1b", 4, 4)]
    public void No_stage_waits_for_its_device_to_hand_rows_over(string schedule, int pipelineRanks, int devices)
    {
        RunPlan plan = PlanOf(schedule, pipelineRanks, expertRanks: 1, microBatches: 8, devices);
        Seeds.ForAll(4, seed =>
        {
            using var training = new SimulatedTraining(plan, seed, ordersStreams: true);
            var heard = new Dictionary<string, int>();
            training.Loop.Watch = (_, envelope) =>
            {
                string name = envelope.Message.GetType().Name;
                heard[name] = heard.GetValueOrDefault(name) + 1;
            };
            training.Train(Steps);

            Assert.Equal(Steps * pipelineRanks, heard["StreamDrained"]);
            Assert.True(heard["RowsReturned"] > 0);
            Assert.All(["ComponentComputed", "FrameKept", "FrameWritten"], name => Assert.False(heard.ContainsKey(name), $"a stage heard {name}"));
        });
    }

    private static RunPlan PlanOf(string schedule, int pipelineRanks, int expertRanks, int microBatches, int devices) =>
        Models.Plan(schedule, pipelineRanks, expertRanks, expertRanks, microBatches) with { Model = Models.Small(layers: 2 * pipelineRanks), Devices = devices };

    /// <summary>A copy takes longer than several chunks of another stage.</summary>
    private sealed class SlowCopies(SimulationLoop loop) : ICosts
    {
        private const long OfCopy = 1 << 20;
        private readonly DrawnCosts _drawn = new(loop);

        public long Of(Operation operation, Tensor result) => operation == Operation.Copy ? OfCopy : _drawn.Of(operation, result);

        public long Of(Movement movement, Tensor destination) => _drawn.Of(movement, destination);
    }
}
