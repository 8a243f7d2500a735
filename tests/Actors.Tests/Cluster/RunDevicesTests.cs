using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Cluster;

/// <summary>Runs over more devices than their ranks divide over, and over fewer.</summary>
public sealed class RunDevicesTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { PipelineRanks = 2, ExpertRanks = 2, RanksPerNode = 2, DataGroups = 2, Devices = 8 };

    private static readonly InferenceOptions Options = new(SlotsPerRank: 1, MaxLength: 24, MaxWaiting: 8) { StallTimeout = TimeSpan.FromMinutes(1) };

    /// <summary>A plan of eight ranks is served by the four of one data group.</summary>
    [Fact]
    public void What_serves_takes_the_first_of_the_devices_that_trained()
    {
        CpuBackend[] backends = [.. Enumerable.Range(0, Plan.Devices).Select(_ => new CpuBackend())];
        using (var host = new ServingHost(Plan, Options, new RunDevices(backends, _ => new HostLink()), TimeProvider.System))
        {
            Assert.Equal(4, host.Plan.Devices);
            Assert.Equal(backends[..4], Enumerable.Range(0, host.Plan.Ranks).Select(rank => host.Rank(rank).Backend.Device));
        }

        Array.ForEach(backends, backend => backend.Dispose());
    }

    /// <summary>A process of a cluster has some of the plan's nodes, and any number of devices.</summary>
    [Theory]
    [InlineData(1, "0000")]
    [InlineData(2, "0011")]
    [InlineData(3, "0012")]
    [InlineData(5, "0123")]
    public void The_nodes_of_a_share_are_divided_over_the_devices_of_their_process(int devices, string expected)
    {
        RunPlan plan = TrainingFixture.SmallPlan with { RanksPerNode = 1, SeparatesNodes = true };
        CpuBackend[] backends = [.. Enumerable.Range(0, devices).Select(_ => new CpuBackend())];
        var share = new HostShare([1, 2, 5, 7]);
        using (var host = new TrainingHost(plan, new RunDevices(backends, _ => new HostLink()), TimeProvider.System, share: share))
        {
            Assert.Equal(expected, string.Concat(share.Nodes.Select(node => Array.IndexOf(backends, host.Rank(node).Backend.Device))));
        }

        Array.ForEach(backends, backend => backend.Dispose());
    }

    [Theory]
    [InlineData(2, false, true)]
    [InlineData(4, false, false)]
    [InlineData(4, true, true)]
    [InlineData(8, true, false)]
    public void Devices_that_do_not_reach_each_other_share_no_node_of_an_expert_group(int devices, bool separates, bool isTaken)
    {
        RunPlan plan = TrainingFixture.SmallPlan with { SeparatesNodes = separates, Devices = devices };
        CpuBackend[] backends = [.. Enumerable.Range(0, devices).Select(_ => new CpuBackend())];
        Exception? refusal = Record.Exception(() => new TrainingHost(
            plan with { RanksPerNode = devices == 4 && !separates ? 4 : plan.RanksPerNode }, new RunDevices(backends, _ => new HostLink()) { ReachEachOther = false },
            TimeProvider.System).Dispose());

        Assert.Equal(isTaken, refusal is null);
        Assert.True(isTaken || refusal!.Message.Contains("their devices do not reach each other's memory: make a node of the ranks of one device", StringComparison.Ordinal), refusal?.Message);
        Array.ForEach(backends, backend => backend.Dispose());
    }

    [Fact]
    public void Too_few_devices_are_refused()
    {
        using var backend = new CpuBackend();

        string message = Assert.Throws<ArgumentException>(
            () => new ServingHost(Plan, Options, new RunDevices(backend, () => new HostLink()), TimeProvider.System)).Message;

        Assert.StartsWith("The plan divides its ranks over 4 devices, and 1 are given: give as many, or more.", message, StringComparison.Ordinal);
    }
}
