using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Which processes a cluster has, as the process sees it in which this is asked.</summary>
public interface IClusterMembership
{
    /// <summary>The process's own address.</summary>
    Address Self { get; }

    /// <summary>Has a leader told what changes, beginning with the processes that are there.</summary>
    void Subscribe(IActorRef leader);

    /// <summary>Ends that.</summary>
    void Unsubscribe(IActorRef leader);

    /// <summary>The change that a message to a subscriber tells; null: the message is something else, or changes nothing for a leader.</summary>
    MemberChange? ChangeIn(object message);

    /// <summary>Takes a process out of the cluster.</summary>
    void Down(Address address);

    /// <summary>Reaches an actor of a process.</summary>
    /// <param name="address">The process.</param>
    /// <param name="name">Its name.</param>
    /// <param name="context">Who wants to reach it.</param>
    ICanTell ActorAt(Address address, string name, IUntypedActorContext context);

    /// <summary>The address of the process that an actor lives in.</summary>
    Address AddressOf(IActorRef actor);
}
