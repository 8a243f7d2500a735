using System.Collections.Immutable;
using Actors.Runtime.Cluster;
using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>The actors that serve a model in one process: its nodes and the gateway, over one data plane.</summary>
public sealed class ServingRun
{
    private ServingRun(IActorRef gateway) => Gateway = gateway;

    /// <summary>Takes <see cref="Infer"/>.</summary>
    public IActorRef Gateway { get; }

    /// <summary>Makes a node actor for each node of the plan, and the gateway, which places the ranks.</summary>
    /// <param name="system">Where they live.</param>
    /// <param name="memory">The data plane, its values loaded; dispose it after the system has terminated.</param>
    public static ServingRun Start(ActorSystem system, InferenceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(memory);
        ImmutableArray<IActorRef> nodes = RunNodes.Start(system, memory, "serving-node");
        return new ServingRun(system.ActorOf(
            Props.Create(() => new GatewayActor(memory.Plan, memory.Options, memory.Time, memory.Telemetry, nodes)), "gateway"));
    }
}
