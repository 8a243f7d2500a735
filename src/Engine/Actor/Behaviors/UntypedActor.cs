using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>An actor with one method for all messages.</summary>
public abstract class UntypedActor : ActorBase
{
    /// <summary>The context of the actor that runs on this thread.</summary>
    /// <exception cref="NotSupportedException">None does, such as after an await that left the actor.</exception>
    protected static new IUntypedActorContext Context => ActorCell.CurrentOrThrow();

    /// <summary>Handles a message; calls <see cref="ActorBase.Unhandled"/> for one that it doesn't know.</summary>
    protected abstract void OnReceive(object message);

    /// <inheritdoc/>
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    /// <summary>Replaces the behaviour on top of the stack.</summary>
    protected void Become(UntypedReceive receive) => Context.Become(receive);

    /// <summary>Puts a behaviour on the stack.</summary>
    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);

    /// <summary>Runs <paramref name="action"/> as the handler of the current message.</summary>
    protected void RunTask(Action action) => ActorTaskScheduler.RunTask(action);

    /// <summary>Runs <paramref name="action"/> as the handler of the current message; the next one is handled when its task is over.</summary>
    protected void RunTask(Func<Task> action) => ActorTaskScheduler.RunTask(action);
}
