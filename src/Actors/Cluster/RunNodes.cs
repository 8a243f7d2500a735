using System.Collections.Immutable;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Makes the node actors of a run that lives in one process.</summary>
internal static class RunNodes
{
    /// <summary>One actor a node of the plan, named <paramref name="name"/> and its number.</summary>
    public static ImmutableArray<IActorRef> Start(ActorSystem system, RankMemory memory, string name)
    {
        var nodes = ImmutableArray.CreateBuilder<IActorRef>(memory.Plan.Nodes);
        for (int node = 0; node < memory.Plan.Nodes; node++)
        {
            nodes.Add(system.ActorOf(Props.Create(() => new NodeActor(memory)), $"{name}-{node}"));
        }

        return nodes.MoveToImmutable();
    }
}
