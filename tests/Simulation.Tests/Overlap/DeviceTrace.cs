using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Simulation.Tests.Training;

namespace Actors.Simulation.Tests.Overlap;

/// <summary>What a run says of a device that its stages run ahead of, where costs are known: components take there what they cost.</summary>
public sealed class DeviceTrace
{
    [Theory]
    [InlineData("1f1b", 1, 1)]
    [InlineData("dualpipe", 2, 1)]
    [InlineData("dualpipe", 2, 2)]
    public void Components_take_as_long_as_on_a_device_that_is_waited_for(string schedule, int pipelineRanks, int expertRanks)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks);

        Assert.Equal(Durations(plan, ordersStreams: false), Durations(plan, ordersStreams: true));
    }

    [Theory]
    [InlineData("1f1b", 1, 1)]
    [InlineData("dualpipe", 2, 2)]
    public void A_steps_time_is_the_devices_and_waiting_and_what_is_left(string schedule, int pipelineRanks, int expertRanks) => Seeds.ForAll(3, seed =>
    {
        using var training = new SimulatedTraining(Plan(schedule, pipelineRanks, expertRanks), seed, _ => new EqualComponents(), ordersStreams: true);
        training.Train(2);

        Assert.All(training.Steps, step =>
        {
            RankTimes times = step.Times;
            Assert.Equal(times.Device, times.Compute + times.Experts);
            Assert.InRange(times.Device + times.ExposedCommunication + times.Skew + times.Bubble, times.Device, times.Total);
            Assert.Equal(1 - (times.Device / (double)times.Total), times.DeviceIdleShare);
        });
        long ran = training.Trace.Where(one => one.Kind == TraceKind.Compute).Sum(one => one.End - one.Start);
        Assert.Equal(training.Steps.Sum(step => step.Times.Device), ran);
    });

    /// <summary>Nothing costs the host time here, so a rank that meets no other keeps its device busy from the first component to the last.</summary>
    [Fact]
    public void A_rank_alone_that_is_ahead_leaves_its_device_no_gap()
    {
        using var training = new SimulatedTraining(Plan("1f1b", 1, 1), seed: 1, _ => new EqualComponents(), ordersStreams: true);
        training.Train(1);

        TraceEvent[] computed = [.. training.Trace.Where(one => one.Kind == TraceKind.Compute)];
        Assert.Equal(0, training.Steps[0].Times.DeviceIdleShare);
        Assert.All(computed.Zip(computed.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
    }

    [Fact]
    public void Nothing_is_measured_where_nothing_is_traced()
    {
        using var training = new SimulatedTraining(Plan("1f1b", 1, 1) with { TraceCapacity = 0 }, seed: 1, _ => new EqualComponents(), ordersStreams: true);
        training.Train(1);

        Assert.Null(training.Steps[0].Times.DeviceIdleShare);
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks) =>
        Models.Plan(schedule, pipelineRanks, expertRanks, ranksPerNode: 1, microBatches: 4) with { TraceCapacity = 1 << 12 };

    private static Dictionary<Component, long> Durations(RunPlan plan, bool ordersStreams)
    {
        using var training = new SimulatedTraining(plan, seed: 1, _ => new EqualComponents(), ordersStreams: ordersStreams);
        training.Train(1);
        // Ranks of an expert group have components of one name.
        return training.Trace.Where(one => one.Kind == TraceKind.Compute && one.End > one.Start).GroupBy(one => one.Component)
            .ToDictionary(one => one.Key, one => one.Sum(traced => traced.End - traced.Start));
    }
}
