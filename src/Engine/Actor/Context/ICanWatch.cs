namespace Akka.Actor;

/// <summary>Can be told of other actors' ends.</summary>
public interface ICanWatch
{
    /// <summary>Asks for a <see cref="Terminated"/> when <paramref name="subject"/> is gone, at once when it is already.</summary>
    /// <returns><paramref name="subject"/>.</returns>
    IActorRef Watch(IActorRef subject);

    /// <summary>The same with a message of one's own in place of <see cref="Terminated"/>.</summary>
    /// <exception cref="InvalidOperationException">The actor is watched already, with another message.</exception>
    IActorRef WatchWith(IActorRef subject, object message);

    /// <summary>Takes <see cref="Watch"/> back; a <see cref="Terminated"/> on its way is not delivered any more.</summary>
    IActorRef Unwatch(IActorRef subject);
}
