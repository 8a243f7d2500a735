using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// An actor: state that only its own message handler touches. The engine runs one message at a time and calls the
/// lifecycle hooks in between.
/// </summary>
public abstract class ActorBase
{
    private readonly ActorCell _cell;

    /// <summary>Binds the instance to the actor that is being made.</summary>
    /// <exception cref="ActorInitializationException">The instance is made outside <c>ActorOf</c>.</exception>
    protected ActorBase()
    {
        _cell = ActorCell.Current is { IsCreatingInstance: true } cell
            ? cell
            : throw new ActorInitializationException($"{GetType()} is an actor: it cannot be made with 'new', make it with ActorOf and Props.");
    }

    /// <summary>The context of the actor that runs on this thread.</summary>
    /// <exception cref="NotSupportedException">None does, such as after an await that left the actor.</exception>
    protected static IActorContext Context => ActorCell.CurrentOrThrow();

    /// <summary>A behaviour that handles no message.</summary>
    protected static Receive EmptyReceive { get; } = static _ => false;

    /// <summary>The actor's own handle.</summary>
    protected IActorRef Self => _cell.Self;

    /// <summary>Who sent the current message; the dead letters when nobody waits for an answer.</summary>
    protected IActorRef Sender => ActorCell.CurrentOrThrow().Sender;

    internal ActorCell Cell => _cell;

    /// <summary>Handles a message in the first behaviour.</summary>
    /// <returns>False when the message is not one that the actor handles.</returns>
    protected abstract bool Receive(object message);

    /// <summary>Called before the first message of the first instance, and by default of each later one.</summary>
    protected virtual void PreStart()
    {
    }

    /// <summary>Called after the last message; by default also before a restart.</summary>
    protected virtual void PostStop()
    {
    }

    /// <summary>Called on the failed instance before a fresh one takes its place. By default stops all children and calls <see cref="PostStop"/>.</summary>
    /// <param name="reason">Why the actor failed.</param>
    /// <param name="message">The message that it failed on, or null.</param>
    protected virtual void PreRestart(Exception reason, object? message)
    {
        _cell.UnwatchAndStopChildren();
        PostStop();
    }

    /// <summary>Called on the fresh instance after a restart. By default calls <see cref="PreStart"/>.</summary>
    /// <param name="reason">Why the former instance failed.</param>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>What is done about failing children; the actor's props go first. Called once an instance.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    /// <summary>Called for a message that no behaviour handled. By default publishes <see cref="UnhandledMessage"/> on the event stream.</summary>
    /// <exception cref="DeathPactException">The message is a <see cref="Terminated"/>.</exception>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated)
        {
            throw new DeathPactException(terminated.ActorRef);
        }

        _cell.System.EventStream.Publish(new UnhandledMessage(message, _cell.Sender, Self));
    }

    /// <summary>Replaces the behaviour on top of the stack.</summary>
    protected void Become(Receive receive) => _cell.Become(receive);

    /// <summary>Puts a behaviour on the stack.</summary>
    protected void BecomeStacked(Receive receive) => _cell.BecomeStacked(receive);

    /// <summary>Takes the top behaviour off the stack, unless it is the only one.</summary>
    protected void UnbecomeStacked() => _cell.UnbecomeStacked();

    /// <summary>Asks for a <see cref="ReceiveTimeout"/> whenever no message came for that long; null ends that.</summary>
    protected void SetReceiveTimeout(TimeSpan? timeout) => _cell.SetReceiveTimeout(timeout);

    internal virtual Receive InitialBehavior() => Receive;

    internal void CallPreStart() => PreStart();

    internal void CallPostStop() => PostStop();

    internal void CallPreRestart(Exception reason, object? message) => PreRestart(reason, message);

    internal void CallPostRestart(Exception reason) => PostRestart(reason);

    internal void CallUnhandled(object message) => Unhandled(message);

    internal SupervisorStrategy CallSupervisorStrategy() => SupervisorStrategy();
}
