using Actors.Schedules.Formats;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Timing;

public class LinkTests
{
    private static readonly StageCosts Unit = new(1, 1, 1);

    [Fact]
    public void A_transfer_takes_its_bytes_over_the_bandwidth_and_then_the_latency()
    {
        var run = Simulate("0F0 0B0\n1F0 1B0\n", new StepCosts(Unit)
        {
            Link = new LinkCosts(latency: 0.25, bandwidth: 10),
            ActivationBytes = 20,
            GradientBytes = 5,
        });

        // 0F0 to 1, 2 on the link and 0.25 of latency; 1F0, 1B0 to 6.25; 0.5 and 0.25 back.
        Assert.Equal(3.25, run.StartOf(1, 0));
        Assert.Equal(7, run.StartOf(0, 1));
        Assert.Equal(9, run.StepTime);
    }

    [Fact]
    public void A_backward_sends_as_many_bytes_as_a_forward_where_nothing_else_is_said()
        => Assert.Equal(20, new StepCosts(Unit) { ActivationBytes = 20 }.GradientBytes);

    [Fact]
    public void Transfers_of_one_pair_of_ranks_follow_each_other_and_a_latency_delays_only_its_own()
    {
        var run = Simulate("0F0 0F1 0F2 0B0 0B1 0B2\n1F0 1F1 1F2 1B0 1B1 1B2\n", new StepCosts(Unit)
        {
            Link = new LinkCosts(latency: 0.5, bandwidth: 1),
            ActivationBytes = 3,
            GradientBytes = 0,
        });

        // Sent at 1, 2 and 3; the link is free at 4, 7 and 10.
        Assert.Equal([4.5, 7.5, 10.5], Enumerable.Range(0, 3).Select(position => run.StartOf(1, position)));
        Assert.Equal(11.5, run.EndOf(1, 2));
    }

    [Fact]
    public void The_two_ways_between_two_ranks_are_two_links()
    {
        // Rank 0 holds stages 0 and 2, rank 1 stage 1 alone: 0F1 goes over while 1F0's result comes back.
        var run = Simulate("0F0 0F1 2F0 2F1 2B0 2B1 0B0 0B1\n1F0 1F1 1B0 1B1\n", new StepCosts(Unit)
        {
            Link = new LinkCosts(bandwidth: 1),
            ActivationBytes = 2,
        });

        Assert.Equal(3, run.StartOf(1, 0));
        Assert.Equal(5, run.StartOf(1, 1));
        Assert.Equal(6, run.StartOf(0, 2));
    }

    [Fact]
    public void Between_nodes_another_link_is_used()
    {
        var costs = new StepCosts(Unit) { RanksPerNode = 2, Link = new LinkCosts(0.5), LinkBetweenNodes = new LinkCosts(4) };
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(4, 1)), costs);

        Assert.Equal([0, 1.5, 6.5, 8], Enumerable.Range(0, 4).Select(rank => run.StartOf(rank, 0)));
    }

    [Fact]
    public void Exposed_communication_is_the_wait_after_the_last_input_was_computed()
    {
        var run = Simulate("0F0 0B0\n1F0 1B0\n", new StepCosts(Unit) { Link = new LinkCosts(0.25) });

        Assert.Equal(0.25, run.ExposedCommunicationOf(1));
        Assert.Equal(0.25, run.ExposedCommunicationOf(0));
        Assert.Equal(0.5 / (2 * run.StepTime), run.ExposedCommunicationFraction, 12);
    }

    [Fact]
    public void A_transfer_under_computation_is_not_exposed()
    {
        var run = Simulate("0F0 0F1 0B0 0B1\n1F0 1B0 1F1 1B1\n", new StepCosts(Unit) { Link = new LinkCosts(0.25) });

        // 0F1 ends at 2 and is at rank 1 at 2.25, which computes until 4.25: only the first transfer and those back are waited for.
        Assert.Equal(0.25, run.ExposedCommunicationOf(1));
        Assert.Equal(0.5, run.ExposedCommunicationOf(0));
    }

    [Fact]
    public void A_critical_path_over_a_busy_link_takes_the_transfers_that_it_waited_for()
    {
        var run = Simulate("0F0 0F1 0B0 0B1\n1F0 1F1 1B0 1B1\n", new StepCosts(Unit)
        {
            Link = new LinkCosts(latency: 0.5, bandwidth: 1),
            ActivationBytes = 3,
            GradientBytes = 0,
        });
        var path = run.FindCriticalPath();

        Assert.Equal(
            ["0F0 0>0 0-1", "0F0 0>1 1-4", "0F1 0>1 4-7.5", "1F1 1>1 7.5-8.5", "1B0 1>1 8.5-10.5", "1B0 1>0 10.5-11",
                "0B0 0>0 11-13", "0B1 0>0 13-15"],
            path.Segments.Select(segment => $"{segment.Action} {segment.Rank}>{segment.Receiver} {segment.Start}-{segment.End}"));
        Assert.Equal((8, 7, 2), (path.ComputeTime, path.TransferTime, path.RankSwitches));
        Assert.Equal((2, 6), (path.TimeOf(ActionKind.Forward), path.TimeOf(ActionKind.Backward)));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(0, double.NaN)]
    public void A_link_that_cannot_be_is_refused(double latency, double bandwidth)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new LinkCosts(latency, bandwidth));

    private static SimulatedRun Simulate(string text, StepCosts costs) => TimetableSimulator.Simulate(TimetableText.Parse(text), costs);
}
