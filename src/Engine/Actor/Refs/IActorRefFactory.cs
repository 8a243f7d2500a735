namespace Akka.Actor;

/// <summary>Makes actors below itself and finds others.</summary>
public interface IActorRefFactory
{
    /// <summary>Creates an actor; it starts asynchronously, messages may be sent to it at once.</summary>
    /// <param name="props">How to make it.</param>
    /// <param name="name">Its name, free among its siblings; null for a generated one.</param>
    /// <exception cref="InvalidActorNameException">The name is not valid or not free.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>A selection of the actors at a path.</summary>
    ActorSelection ActorSelection(ActorPath actorPath);

    /// <summary>A selection by full or relative path; names may hold <c>*</c> and <c>?</c>, and <c>..</c> goes up.</summary>
    ActorSelection ActorSelection(string actorPath);
}
