using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Training;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>How long a leader waits for processes to place a run on: here for three, and one is there.</summary>
public sealed class GatheringProcesses
{
    private const int Nodes = 8;
    private static readonly TrainRun Order = new("folder", "run");

    [Fact]
    public async Task A_run_that_has_waited_long_enough_is_placed_on_those_that_are_there()
    {
        using LeaderKit kit = Kit();
        TestProbe caller = await AskAsync(kit);

        Assert.Contains("waiting for 3 processes", (await caller.FishForMessageAsync<RunNotice>(_ => true)).Text, StringComparison.Ordinal);
        PrepareShare order = await kit[0].FishForMessageAsync<PrepareShare>(_ => true);
        Assert.Equal(Nodes, Assert.Single(order.Processes).Nodes.Length);
        Assert.Contains("on 1 process", (await caller.FishForMessageAsync<RunNotice>(_ => true)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_ends_where_those_that_are_there_cannot_take_it()
    {
        using LeaderKit kit = Kit(devices: 2);
        TestProbe caller = await AskAsync(kit);

        RunFailed failed = await caller.FishForMessageAsync<RunFailed>(_ => true);
        Assert.Contains("gather-timeout", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("devices for 2", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_ends_where_nobody_trains()
    {
        using LeaderKit kit = Kit(role: ClusterSettings.Serve);
        TestProbe caller = await AskAsync(kit);

        Assert.Contains("no process with role train", (await caller.FishForMessageAsync<RunFailed>(_ => true)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda in float32")]
    [InlineData("cpu in bfloat16")]
    public async Task A_process_that_computes_on_another_kind_of_device_is_not_placed_on(string kind)
    {
        using var kit = new LeaderKit(processes: 2, Nodes, wanted: 2, gatherTimeout: TimeSpan.FromSeconds(0.5), devices: 0, role: null);
        await AskAsync(kit);

        await kit.IntroduceAsync(1, deviceKind: kind);

        ClusterDescribed described = await kit.Leader.Ask<ClusterDescribed>(new DescribeCluster(), TestContext.Timeout());
        Assert.StartsWith(
            $"not placed on: it computes on {kind}, the leader on cpu in float32, and results would depend on where a rank lies: start all processes with one actors.backend.name",
            described.Processes[1].State, StringComparison.Ordinal);
        Assert.Equal(["a device", "a device"], described.Processes.Select(process => process.Device));
        Assert.Single((await kit[0].FishForMessageAsync<PrepareShare>(_ => true)).Processes);
    }

    private static LeaderKit Kit(int devices = 0, string? role = null) =>
        new(processes: 1, Nodes, wanted: 3, gatherTimeout: TimeSpan.FromSeconds(0.5), devices: devices, role: role);

    /// <summary>The one process says who it is, and a caller asks for the run.</summary>
    private static async Task<TestProbe> AskAsync(LeaderKit kit)
    {
        await kit.IntroduceAsync(0);
        TestProbe caller = kit.CreateTestProbe();
        kit.Leader.Tell(Order, caller);
        return caller;
    }
}
