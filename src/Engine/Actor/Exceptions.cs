namespace Akka.Actor;

/// <summary>An actor could not be made: its constructor, its recipe or its <c>PreStart</c> failed.</summary>
public class ActorInitializationException : AkkaException
{
    /// <summary>Creates an exception without an actor.</summary>
    public ActorInitializationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception without an actor.</summary>
    public ActorInitializationException(string message, Exception? cause)
        : base(message, cause)
    {
    }

    /// <summary>Creates an exception about <paramref name="actor"/>.</summary>
    public ActorInitializationException(IActorRef? actor, string message, Exception? cause = null)
        : base(actor is null ? message : $"{actor}: {message}", cause) => Actor = actor;

    /// <summary>The actor that could not be made.</summary>
    public IActorRef? Actor { get; set; }
}

/// <summary>A <c>PreRestart</c> hook failed.</summary>
public class PreRestartException : ActorInitializationException
{
    /// <summary>Creates the exception from the hook's failure and the failure that caused the restart.</summary>
    public PreRestartException(IActorRef actor, Exception restartException, Exception cause, object? optionalMessage)
        : base(actor, $"PreRestart failed ({restartException.GetType()}: {restartException.Message}) after {cause.GetType()}: {cause.Message}", restartException)
    {
        RestartException = restartException;
        OptionalMessage = optionalMessage;
    }

    /// <summary>What the hook threw.</summary>
    public Exception RestartException { get; }

    /// <summary>The message that the actor failed on, or null.</summary>
    public object? OptionalMessage { get; }
}

/// <summary>A restarted actor's constructor or <c>PostRestart</c> hook failed.</summary>
public class PostRestartException : ActorInitializationException
{
    /// <summary>Creates the exception from the restart's failure and the failure that caused the restart.</summary>
    public PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
        : base(actor, $"restart failed ({cause.GetType()}: {cause.Message})", cause) => OriginalCause = originalCause;

    /// <summary>The failure that caused the restart.</summary>
    public Exception OriginalCause { get; }
}

/// <summary>An actor received <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public ActorKilledException(string message)
        : base(message)
    {
    }
}

/// <summary>A selection named no actor.</summary>
public class ActorNotFoundException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public ActorNotFoundException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>A question found no answer in time.</summary>
public class AskTimeoutException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public AskTimeoutException(string message)
        : base(message)
    {
    }
}

/// <summary>A watched actor died and the watcher did not handle its <see cref="Terminated"/>.</summary>
public class DeathPactException : AkkaException
{
    /// <summary>Creates the exception for <paramref name="deadActor"/>.</summary>
    public DeathPactException(IActorRef deadActor)
        : base($"Monitored actor {deadActor} terminated and its Terminated message was not handled.") => DeadActor = deadActor;

    /// <summary>The actor that died.</summary>
    public IActorRef DeadActor { get; }
}

/// <summary>An actor's state does not allow what was asked of it.</summary>
public class IllegalActorStateException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public IllegalActorStateException(string message)
        : base(message)
    {
    }
}

/// <summary>An actor's name is not valid or not free.</summary>
public class InvalidActorNameException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public InvalidActorNameException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public InvalidActorNameException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A message cannot be sent, such as null.</summary>
public class InvalidMessageException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public InvalidMessageException(string message)
        : base(message)
    {
    }
}

/// <summary>A stash with a limit is full.</summary>
public class StashOverflowException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public StashOverflowException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}

/// <summary>A scheduler cannot do what was asked of it, such as after its shutdown.</summary>
public sealed class SchedulerException : AkkaException
{
    /// <summary>Creates the exception.</summary>
    public SchedulerException(string message)
        : base(message)
    {
    }
}
