using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Training;

/// <summary>A run that cannot end is noticed at once, without a clock: nothing is left to do.</summary>
public sealed class StandstillTests
{
    private const int CompletionsKept = 30;

    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);

    private static readonly RunPlan Plan = Models.Plan("dualpipe", 2, 4, 2, 4);

    [Fact]
    public void A_lost_completion_is_told_with_the_seed_and_what_each_rank_waits_for()
    {
        using SimulatedTraining training = Losing(stallTimeout: null);

        SimulationException failure = Assert.Throws<SimulationException>(() => training.Train(1));

        Assert.StartsWith("seed 7: after ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("nothing is left to do, but the run has not ended: rank 0 (pipeline 0, experts 0) ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("waits at", failure.Message, StringComparison.Ordinal);
        Assert.Contains("; rank 7 (pipeline 1, experts 3) ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_watch_sees_it_too_in_virtual_time()
    {
        using SimulatedTraining training = Losing(StallTimeout);

        RunFailed failed = training.TrainUntilFailure();

        Assert.Contains("nothing has moved for 60 s (actors.watchdog.stall-timeout)", failed.Reason, StringComparison.Ordinal);
        Assert.InRange(TimeSpan.FromTicks(training.Loop.Now), StallTimeout, 2 * StallTimeout);
    }

    [Fact]
    public void A_stage_that_waits_too_long_for_its_device_says_so()
    {
        using var training = new SimulatedTraining(
            Models.Plan("1f1b", 1, 1, 1, 2), seed: 3, _ => new SlowDevice(), stallTimeout: StallTimeout, ordersStreams: true);

        RunFailed failed = training.TrainUntilFailure();

        Assert.Contains("rank 0 (pipeline 0, experts 0) waits for its device to compute what was enqueued", failed.Reason, StringComparison.Ordinal);
    }

    private static SimulatedTraining Losing(TimeSpan? stallTimeout)
    {
        int completions = 0;
        return new SimulatedTraining(
            Plan, seed: 7, wrapLink: link => new LosingLink(link, () => ++completions > CompletionsKept), stallTimeout: stallTimeout);
    }

    /// <summary>An operation takes longer than the watch's patience.</summary>
    private sealed class SlowDevice : ICosts
    {
        public long Of(Operation operation, Tensor result) => 2 * StallTimeout.Ticks;

        public long Of(Movement movement, Tensor destination) => 1;
    }
}
