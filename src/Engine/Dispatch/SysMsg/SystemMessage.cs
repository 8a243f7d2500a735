using Akka.Actor;

namespace Akka.Dispatch.SysMsg;

/// <summary>
/// A message of the engine itself. Such messages have a queue of their own, linked through <see cref="Next"/>,
/// so one object must never be sent twice.
/// </summary>
internal abstract record SystemMessage
{
    public SystemMessage? Next;

    /// <summary>Kept for later while the actor waits for its children to stop.</summary>
    public virtual bool StashWhenWaitingForChildren => false;

    /// <summary>Kept for later while the actor itself has failed.</summary>
    public virtual bool StashWhenFailed => false;
}

/// <summary>Makes the first instance.</summary>
internal sealed record Create : SystemMessage;

/// <summary>Puts a fresh instance in the failed one's place.</summary>
internal sealed record Recreate(Exception Cause) : SystemMessage
{
    public override bool StashWhenWaitingForChildren => true;
}

/// <summary>Holds user messages back.</summary>
internal sealed record Suspend : SystemMessage
{
    public override bool StashWhenWaitingForChildren => true;
}

/// <summary>Lets user messages through again.</summary>
internal sealed record Resume(Exception? CausedByFailure) : SystemMessage
{
    public override bool StashWhenWaitingForChildren => true;
}

/// <summary>Stops the actor and everything below it.</summary>
internal sealed record Terminate : SystemMessage;

/// <summary>Asks <paramref name="Watchee"/> to tell <paramref name="Watcher"/> of its end.</summary>
internal sealed record Watch(ActorRefBase Watchee, ActorRefBase Watcher) : SystemMessage;

/// <summary>Takes a <see cref="Watch"/> back.</summary>
internal sealed record Unwatch(ActorRefBase Watchee, ActorRefBase Watcher) : SystemMessage;

/// <summary>Tells a parent or a watcher that an actor is gone.</summary>
internal sealed record DeathWatchNotification(ActorRefBase Actor, bool ExistenceConfirmed, bool AddressTerminated) : SystemMessage;

/// <summary>Tells a parent that its child failed and waits for a decision.</summary>
internal sealed record Failed(ActorRefBase Child, Exception Cause, long Uid) : SystemMessage
{
    public override bool StashWhenFailed => true;

    public override bool StashWhenWaitingForChildren => true;
}

/// <summary>Runs a piece of an asynchronous message handler inside the actor.</summary>
internal sealed record RunContinuation(ActorTaskScheduler Scheduler, Task Task) : SystemMessage;

/// <summary>The asynchronous message handler is over.</summary>
internal sealed record AsyncHandlerCompleted(Task Task) : SystemMessage;

/// <summary>Closes a queue: nothing can be added behind it.</summary>
internal sealed record Closed : SystemMessage
{
    public static readonly Closed Instance = new();
}
