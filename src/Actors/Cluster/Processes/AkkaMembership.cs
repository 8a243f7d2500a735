using Akka.Actor;
using Akka.Cluster;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Membership by Akka.Cluster.</summary>
internal sealed class AkkaMembership(ActorSystem system) : IClusterMembership
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(system);

    /// <inheritdoc/>
    public Address Self => _cluster.SelfAddress;

    /// <inheritdoc/>
    public void Subscribe(IActorRef leader) =>
        _cluster.Subscribe(leader, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    /// <inheritdoc/>
    public void Unsubscribe(IActorRef leader) => _cluster.Unsubscribe(leader);

    /// <inheritdoc/>
    public MemberChange? ChangeIn(object message) => message switch
    {
        ClusterEvent.MemberUp up => new MemberChange(up.Member.Address, Gone: null, up.Member.Roles),
        ClusterEvent.MemberDowned or ClusterEvent.MemberExited or ClusterEvent.MemberRemoved =>
            new MemberChange(((ClusterEvent.IMemberEvent)message).Member.Address, "it has left the cluster", []),
        _ => null,
    };

    /// <inheritdoc/>
    public void Down(Address address) => _cluster.Down(address);

    /// <inheritdoc/>
    public ICanTell ActorAt(Address address, string name, IUntypedActorContext context) => context.ActorSelection($"{address}/user/{name}");

    /// <summary>An actor of the own process has a path without an address.</summary>
    public Address AddressOf(IActorRef actor) => actor.Path.Address.HasLocalScope ? Self : actor.Path.Address;
}
