namespace Akka.Actor;

/// <summary>
/// A handle to one incarnation of an actor, wherever it runs. Messages from one sender to one receiver arrive in the
/// order of sending. Two handles are equal when path and incarnation are.
/// </summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    /// <summary>The actor's path, with its incarnation's id.</summary>
    ActorPath Path { get; }
}
