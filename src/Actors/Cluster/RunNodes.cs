using System.Collections.Immutable;
using Actors.Runtime.Pipeline;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Makes the node actors of a run that lives in one process.</summary>
internal static class RunNodes
{
    /// <summary>One actor a node of the plan, named <paramref name="name"/> and its number, with that node's ranks.</summary>
    public static ImmutableArray<IActorRef> Start(ActorSystem system, RankMemory memory, string name)
    {
        var nodes = ImmutableArray.CreateBuilder<IActorRef>(memory.Plan.Nodes);
        for (int node = 0; node < memory.Plan.Nodes; node++)
        {
            ImmutableDictionary<int, RankResources> ranks = Enumerable.Range(0, memory.Plan.Ranks)
                .Where(rank => memory.Plan.NodeOf(rank) == node).ToImmutableDictionary(rank => rank, memory.Rank);
            Diagnostics.Telemetry telemetry = memory.Telemetry;
            nodes.Add(system.ActorOf(Props.Create(() => new NodeActor(ranks, telemetry)), $"{name}-{node}"));
        }

        return nodes.MoveToImmutable();
    }
}
