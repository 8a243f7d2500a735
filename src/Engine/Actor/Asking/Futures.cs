using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>Questions: a message whose answer completes a task.</summary>
public static class Futures
{
    /// <summary>Asks; the task holds the answer.</summary>
    /// <param name="self">Whom to ask.</param>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long to wait on the scheduler's clock; null for <c>akka.actor.ask-timeout</c>.</param>
    /// <returns>A task that fails with <see cref="AskTimeoutException"/> when no answer comes in time.</returns>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<object>(message, timeout, CancellationToken.None);

    /// <summary>Asks until cancelled.</summary>
    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    /// <summary>Asks until the time is over or the question cancelled.</summary>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    /// <summary>Asks for an answer of type <typeparamref name="T"/>; another type fails the task, as does a <see cref="Status.Failure"/>.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<T>(message, timeout, CancellationToken.None);

    /// <summary>Asks for an answer of type <typeparamref name="T"/> until cancelled.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<T>(message, null, cancellationToken);

    /// <summary>Asks for an answer of type <typeparamref name="T"/> until the time is over or the question cancelled.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        FutureActorRef<T> future = new(SystemOf(self), self, timeout, cancellationToken);
        self.Tell(message, future);
        return future.Task;
    }

    /// <summary>Asks with a message that names whom to answer.</summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        FutureActorRef<T> future = new(SystemOf(self), self, timeout, cancellationToken);
        self.Tell(messageFactory(future), future);
        return future.Task;
    }

    private static ActorSystemImpl SystemOf(ICanTell target)
    {
        ActorRefBase? actor = target as ActorRefBase ?? (target as ActorSelection)?.Anchor as ActorRefBase;
        return actor?.SystemImpl ?? ActorCell.Current?.SystemImpl
            ?? throw new ArgumentException($"{target} belongs to no actor system: nobody can answer.", nameof(target));
    }
}
