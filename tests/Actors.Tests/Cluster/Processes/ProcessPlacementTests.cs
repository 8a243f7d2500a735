using System.Collections.Immutable;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Akka.Actor;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>The plan's nodes are shared out evenly, as far as the processes' devices allow.</summary>
public sealed class ProcessPlacementTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { ExpertRanks = 4, RanksPerNode = 1, PipelineRanks = 2, SeparatesNodes = true };

    [Theory]
    [InlineData("0", "8")]
    [InlineData("0 0 0", "2 3 3")]
    [InlineData("1 0 0", "1 3 4")]
    [InlineData("2 3 3", "2 3 3")]
    [InlineData("0 0 0 0 0 0 0 0 0 0", "1 1 1 1 1 1 1 1")]
    public void Nodes_are_shared_out_evenly_up_to_the_devices(string devices, string counts)
    {
        ImmutableArray<ClusterMember> members = Members(devices);

        Assert.Null(ProcessPlacement.FaultOf(Plan, members));
        var placement = ProcessPlacement.Of(1, Plan, members);
        Assert.Equal(counts, string.Join(' ', placement.Shares.Select(share => share.Nodes.Length)));
        Assert.Equal(Enumerable.Range(0, Plan.Nodes), placement.Shares.SelectMany(share => share.Nodes));
        Assert.All(placement.Members, member => Assert.False(placement.NodesOf(member).IsEmpty));
    }

    [Fact]
    public void Too_few_devices_are_a_fault_that_says_what_is_missing() => Assert.Equal(
        "PP 2 x EP 4 in 8 nodes takes 8 nodes of 1 ranks, and the processes have devices for 7: p0 3, p1 4; "
        + "start more processes with role train (--role), or with more --devices",
        ProcessPlacement.FaultOf(Plan, Members("3 4")));

    [Fact]
    public void A_node_is_taken_whole()
    {
        RunPlan pairs = Plan with { RanksPerNode = 2 };

        Assert.Equal([1, 3], ProcessPlacement.Of(1, pairs, Members("3 0")).Shares.Select(share => share.Nodes.Length));
        Assert.NotNull(ProcessPlacement.FaultOf(pairs, Members("3 5")));
    }

    private static ImmutableArray<ClusterMember> Members(string devices) => [.. devices.Split(' ').Select((count, number) => new ClusterMember(
        ActorRefs.Nobody, new Address("akka.tcp", "actors", "127.0.0.1", number),
        new ProcessDescription($"p{number}", "here", "hash", "127.0.0.1", number, int.Parse(count), Held: null)))];
}
