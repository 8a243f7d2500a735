namespace Akka.Actor;

/// <summary>Sends a task's outcome to an actor, so that the actor need not wait for it.</summary>
public static class PipeToSupport
{
    /// <summary>Sends the task's result when it is there, or a <see cref="Status.Failure"/>.</summary>
    /// <param name="taskToPipe">The task.</param>
    /// <param name="recipient">Who gets its outcome.</param>
    /// <param name="sender">In whose name.</param>
    /// <param name="success">Makes the message of a result; null for the result itself.</param>
    /// <param name="failure">Makes the message of a failure; null for a <see cref="Status.Failure"/>.</param>
    /// <returns>A task that is over when the message is sent.</returns>
    public static async Task PipeTo<T>(
        this Task<T> taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<T, object>? success = null, Func<Exception, object>? failure = null)
    {
        object? message;
        try
        {
            T result = await taskToPipe.ConfigureAwait(false);
            message = success is null ? result : success(result);
        }
        catch (Exception cause)
        {
            message = failure is null ? new Status.Failure(cause) : failure(cause);
        }

        if (message is not null)
        {
            recipient.Tell(message, sender);
        }
    }

    /// <summary>Sends what <paramref name="success"/> makes when the task is over (nothing without it), or a <see cref="Status.Failure"/>.</summary>
    public static async Task PipeTo(
        this Task taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<object>? success = null, Func<Exception, object>? failure = null)
    {
        object? message;
        try
        {
            await taskToPipe.ConfigureAwait(false);
            message = success?.Invoke();
        }
        catch (Exception cause)
        {
            message = failure is null ? new Status.Failure(cause) : failure(cause);
        }

        if (message is not null)
        {
            recipient.Tell(message, sender);
        }
    }

    /// <summary>Sends the task's result when it is there, or a <see cref="Status.Failure"/>.</summary>
    public static Task PipeTo<T>(
        this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<T, object>? success = null, Func<Exception, object>? failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, sender, success, failure);

    /// <summary>Sends what <paramref name="success"/> makes when the task is over, or a <see cref="Status.Failure"/>.</summary>
    public static Task PipeTo(
        this ValueTask taskToPipe, ICanTell recipient, IActorRef? sender = null, Func<object>? success = null, Func<Exception, object>? failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, sender, success, failure);
}
