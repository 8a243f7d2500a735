using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>What a leader makes of what one before it has left behind.</summary>
public sealed class LeadersAfterLeaders
{
    private static readonly TrainRun Order = new("folder", "run");

    [Fact]
    public async Task Epochs_go_on_behind_the_highest_that_any_process_was_ordered_into()
    {
        using var kit = new LeaderKit(processes: 2);
        await kit.IntroduceAsync(0, held: null, epoch: 4);
        await kit.IntroduceAsync(1, held: null, epoch: 7);
        TestProbe caller = kit.CreateTestProbe();

        kit.Leader.Tell(Order, caller);

        Assert.Equal(8, (await kit[0].FishForMessageAsync<PrepareShare>(_ => true)).Epoch);
    }

    [Fact]
    public async Task Steps_that_a_leader_before_may_have_trained_are_said_to_be_trained_again()
    {
        using var kit = new LeaderKit(processes: 1);
        await kit.IntroduceAsync(0, held: null, epoch: 7);
        TestProbe caller = kit.CreateTestProbe();

        kit.Leader.Tell(Order, caller);

        RunNotice notice = await caller.FishForMessageAsync<RunNotice>(notice => notice.Text.StartsWith("a new leader", StringComparison.Ordinal));
        Assert.Equal("a new leader goes on from step-00000002: steps after 2 that had ended are trained again", notice.Text);
    }

    [Fact]
    public async Task A_share_of_a_leader_before_is_dropped_by_who_is_not_placed_on()
    {
        using var kit = new LeaderKit(processes: 3, nodes: 2);
        await kit.IntroduceAsync(2, LeaderKit.Held(epoch: 4, Order, process: 1, processes: 2), epoch: 4);
        await kit.IntroduceAsync(0, LeaderKit.Held(epoch: 5, Order, process: 0, processes: 2), epoch: 5);
        await kit.IntroduceAsync(1, LeaderKit.Held(epoch: 5, Order, process: 1, processes: 2), epoch: 5);

        Assert.Equal(6, (await kit[0].FishForMessageAsync<PrepareShare>(_ => true)).Epoch);
        Assert.Equal(4, (await kit[2].FishForMessageAsync<DropShare>(_ => true)).Epoch);
    }

    [Fact]
    public async Task A_share_of_a_run_that_has_ended_here_is_dropped_and_the_run_not_taken_up_again()
    {
        using var kit = new LeaderKit(processes: 2, openRun: _ => throw new IOException("the folder is not there"));
        await kit.IntroduceAsync(0);
        TestProbe caller = kit.CreateTestProbe();
        kit.Leader.Tell(Order with { Run = "other" }, caller);
        kit.Leader.Tell(Order with { Run = "other" }, caller);

        await kit.IntroduceAsync(1, LeaderKit.Held(epoch: 3, Order, process: 1, processes: 2), epoch: 3);
        await caller.FishForMessageAsync<RunFailed>(_ => true);

        Assert.Equal(3, (await kit[1].FishForMessageAsync<DropShare>(_ => true)).Epoch);
    }

    [Fact]
    public async Task Nobody_is_let_go_before_most_have_said_what_they_hold_and_then_the_run_goes_on()
    {
        using var kit = new LeaderKit(processes: 3, nodes: 2);
        await kit.IntroduceAsync(2, LeaderKit.Held(epoch: 4, Order, process: 1, processes: 2), epoch: 4);
        kit.Leader.Tell(new LeaveCluster("127.0.0.1:2"), kit[2]);
        kit.Leader.Tell(new DescribeCluster(), kit[2]);
        await kit[2].FishForMessageAsync<object>(message => message is ClusterDescribed || (message is LeaveNow ? throw new InvalidOperationException("It was let go.") : false));

        await kit.IntroduceAsync(0, held: null, epoch: 4);
        await kit.IntroduceAsync(1, held: null, epoch: 4);

        await kit[2].FishForMessageAsync<LeaveNow>(_ => true);
        PrepareShare order = await kit[0].FishForMessageAsync<PrepareShare>(_ => true);
        Assert.Equal((5, "p0 p1"), (order.Epoch, string.Join(' ', order.Processes.Select(share => share.Name))));
    }

    [Fact]
    public async Task Who_asks_again_for_a_run_that_has_ended_is_told_what_happened_in_it_and_how_it_ended()
    {
        using var kit = new LeaderKit(processes: 1, wanted: 2, openRun: _ => throw new IOException("the folder is not there"));
        await kit.IntroduceAsync(0);
        TestProbe lost = kit.CreateTestProbe(), caller = kit.CreateTestProbe();
        kit.Leader.Tell(Order, lost);
        await lost.FishForMessageAsync<RunFailed>(_ => true);

        kit.Leader.Tell(Order, caller);

        Assert.StartsWith("waiting for 2 processes", (await caller.ExpectMsgAsync<RunNotice>()).Text, StringComparison.Ordinal);
        Assert.Equal("the folder is not there", (await caller.ExpectMsgAsync<RunFailed>()).Reason);
    }
}
