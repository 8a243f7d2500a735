namespace Akka.Actor;

/// <summary>Something that takes messages.</summary>
public interface ICanTell
{
    /// <summary>Sends <paramref name="message"/> and returns at once; it is delivered at most once.</summary>
    /// <param name="message">The message, not null.</param>
    /// <param name="sender">Whom the receiver may answer; <see cref="ActorRefs.NoSender"/> for nobody.</param>
    /// <exception cref="InvalidMessageException">The message is null.</exception>
    void Tell(object message, IActorRef? sender);
}
