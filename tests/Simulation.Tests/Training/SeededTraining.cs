using Actors.Runtime.Placement;

namespace Actors.Simulation.Tests.Training;

/// <summary>Whatever the order of turns and completions, training gives the bits of a run on threads, and ends; nodes share memory or don't, as the seed is odd or even.</summary>
public sealed class SeededTraining
{
    private const int Steps = 2;

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, 4, 1, 40)]
    [InlineData("dualpipe", 4, 2, 1, 8, 1, 10)]
    [InlineData("1f1b", 2, 2, 1, 4, 1, 25)]
    [InlineData("1f1b", 1, 4, 2, 2, 2, 25)]
    [InlineData("gpipe", 2, 2, 2, 3, 1, 20)]
    [InlineData("interleaved-1f1b", 2, 2, 1, 4, 1, 20)]
    [InlineData("zb1p", 2, 2, 1, 4, 1, 20)]
    [InlineData("interleaved-zero-bubble", 2, 2, 2, 4, 1, 20)]
    [InlineData("zbv", 2, 2, 1, 4, 1, 20)]
    [InlineData("dualpipev", 2, 2, 2, 4, 1, 20)]
    [InlineData("chimera", 2, 2, 1, 4, 1, 20)]
    public void Gives_the_bits_of_a_run_without_simulation(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int dataGroups, int seeds) =>
        Compare(Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode, microBatches, dataGroups), seeds, ordersStreams: false);

    /// <summary>Ranks of one domain exchange rows by their streams, those of several by channels: then stages meet at each exchange.</summary>
    [Theory]
    [InlineData("1f1b", 1, 1, 1, 4, 1, 30)]
    [InlineData("1f1b", 1, 1, 1, 2, 2, 15)]
    [InlineData("dualpipe", 2, 1, 1, 4, 1, 20)]
    [InlineData("zbv", 2, 1, 1, 4, 1, 15)]
    [InlineData("1f1b", 2, 2, 1, 4, 1, 15)]
    [InlineData("dualpipe", 2, 4, 2, 4, 1, 10)]
    public void Stages_that_run_ahead_of_their_device_give_the_same_bits(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int dataGroups, int seeds) =>
        Compare(Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode, microBatches, dataGroups), seeds, ordersStreams: true);

    /// <summary>Each device has a domain's values and windows; windows and frames cross between them.</summary>
    [Theory]
    [InlineData("1f1b", 1, 4, 4, 2, 1, 2, 10)]
    [InlineData("1f1b", 1, 4, 1, 2, 1, 4, 10)]
    [InlineData("1f1b", 1, 4, 2, 2, 2, 4, 10)]
    [InlineData("dualpipe", 2, 2, 2, 4, 1, 4, 10)]
    public void Ranks_on_several_devices_give_the_same_bits(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int microBatches, int dataGroups, int devices, int seeds) =>
        Compare(Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode, microBatches, dataGroups) with { Devices = devices }, seeds, ordersStreams: true);

    /// <summary>
    /// A device's allocations wait for all of its work. In one stage the first steps make all memory; in a pipeline a chunk may be the first that is under way beside
    /// another in a later step.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(4, 1)]
    public void Steps_ask_a_device_for_no_memory_once_the_first_have_made_it(int expertRanks, int ranksPerNode)
    {
        RunPlan plan = Models.Plan("1f1b", 1, expertRanks, ranksPerNode, microBatches: 2);
        Seeds.ForAll(4, seed =>
        {
            using var training = new SimulatedTraining(plan, seed, ordersStreams: true);
            training.Train(6);
            Assert.Equal(training.MemoryRequests[3], training.MemoryRequests[^1]);
        });
    }

    private static void Compare(RunPlan plan, int seeds, bool ordersStreams)
    {
        TrainingOutcome expected = TrainingRuns.WithoutSimulation(plan with { Devices = 1 }, Steps);
        Seeds.ForAll(seeds, seed =>
        {
            using var training = new SimulatedTraining(plan with { SeparatesNodes = seed % 2 == 0 }, seed, ordersStreams: ordersStreams);
            training.Train(Steps).AssertEquals(expected);
        });
    }
}
