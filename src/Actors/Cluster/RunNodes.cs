using System.Collections.Immutable;
using Actors.Runtime.Pipeline;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Makes the node actors of a run that lives in one process.</summary>
internal static class RunNodes
{
    /// <summary>One actor a node that lives in this process, named <paramref name="name"/> and its number, with that node's ranks.</summary>
    public static ImmutableArray<IActorRef> Start(IActorRefFactory actors, RunHost host, string name)
    {
        var nodes = ImmutableArray.CreateBuilder<IActorRef>(host.Nodes.Length);
        foreach (int node in host.Nodes)
        {
            ImmutableDictionary<int, RankResources> ranks = host.Plan.RanksOf(node)
                .ToImmutableDictionary(rank => rank, host.Rank);
            (RankAddresses addresses, Diagnostics.Telemetry telemetry) = (host.Addresses, host.Telemetry);
            nodes.Add(actors.ActorOf(Props.Create(() => new NodeActor(ranks, addresses, telemetry)), $"{name}-{node}"));
        }

        return nodes.MoveToImmutable();
    }
}
