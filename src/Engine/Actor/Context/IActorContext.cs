using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>What an actor can see and do while it runs. It must not be used from other threads.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    /// <summary>The actor's own handle.</summary>
    IActorRef Self { get; }

    /// <summary>Who sent the current message; the dead letters when nobody waits for an answer.</summary>
    IActorRef Sender { get; }

    /// <summary>The supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>How the actor was made.</summary>
    Props Props { get; }

    /// <summary>The system that the actor lives in.</summary>
    ActorSystem System { get; }

    /// <summary>What gives the actor its threads.</summary>
    MessageDispatcher Dispatcher { get; }

    /// <summary>How long the mailbox may stay without a message until a <see cref="Actor.ReceiveTimeout"/> comes; null for ever.</summary>
    TimeSpan? ReceiveTimeout { get; }

    /// <summary>Replaces the behaviour on top of the stack.</summary>
    void Become(Receive receive);

    /// <summary>Puts a behaviour on the stack.</summary>
    void BecomeStacked(Receive receive);

    /// <summary>Takes the top behaviour off the stack, unless it is the only one.</summary>
    void UnbecomeStacked();

    /// <summary>The child with that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    IActorRef Child(string name);

    /// <summary>All children at this moment.</summary>
    IEnumerable<IActorRef> GetChildren();

    /// <summary>Asks for a <see cref="Actor.ReceiveTimeout"/> whenever no message came for that long; null ends that.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    /// <summary>Stops a child, or the actor itself, after the message that it handles now.</summary>
    void Stop(IActorRef child);
}
