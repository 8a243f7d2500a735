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
    /// <param name="host">What lives in this process, its values loaded; dispose it after the system has terminated.</param>
    public static ServingRun Start(ActorSystem system, ServingHost host)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(host);
        ImmutableArray<IActorRef> nodes = RunNodes.Start(system, host, "serving-node");
        return new ServingRun(system.ActorOf(
            Props.Create(() => new GatewayActor(host, nodes)), "gateway"));
    }
}
