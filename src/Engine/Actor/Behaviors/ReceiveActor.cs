using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// An actor whose handlers are declared by message type, in the constructor and in the methods given to
/// <see cref="Become(Action)"/>. The first handler that takes a message handles it.
/// </summary>
public abstract class ReceiveActor : UntypedActor
{
    private HandlerSet? _configuring;
    private HandlerSet? _initial;

    /// <summary>Begins the declaration of the first behaviour.</summary>
    protected ReceiveActor() => _configuring = new HandlerSet();

    /// <inheritdoc/>
    protected sealed override void OnReceive(object message)
    {
        if (_initial is null || !_initial.Handle(message))
        {
            Unhandled(message);
        }
    }

    /// <summary>Replaces the behaviour by the handlers that <paramref name="configure"/> declares.</summary>
    protected void Become(Action configure) => base.Become(new Receive(Configured(configure).Handle));

    /// <summary>Puts the handlers that <paramref name="configure"/> declares on top of the behaviours.</summary>
    protected void BecomeStacked(Action configure) => base.BecomeStacked(new Receive(Configured(configure).Handle));

    /// <summary>Handles messages of type <typeparamref name="T"/>, or only those that <paramref name="shouldHandle"/> takes.</summary>
    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Declare(new ActionHandler<T>(handler, shouldHandle));

    /// <summary>Handles the messages of type <typeparamref name="T"/> that <paramref name="shouldHandle"/> takes.</summary>
    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    /// <summary>Handles messages of a type, or only those that <paramref name="shouldHandle"/> takes.</summary>
    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        Declare(new RuntimeTypeHandler(messageType, handler, shouldHandle));

    /// <summary>Handles the messages of a type that <paramref name="shouldHandle"/> takes.</summary>
    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

    /// <summary>Offers messages of type <typeparamref name="T"/> to a handler, which says whether it took them.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Declare(new FuncHandler<T>(handler));

    /// <summary>Handles whatever came so far without a handler. Nothing can be declared after it.</summary>
    protected void ReceiveAny(Action<object> handler)
    {
        Declare(new ActionHandler<object>(handler, null));
        _configuring!.IsComplete = true;
    }

    /// <summary>Handles messages of type <typeparamref name="T"/> with a task; the next message waits until it is over.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        Receive(message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

    /// <summary>Handles the messages of type <typeparamref name="T"/> that <paramref name="shouldHandle"/> takes with a task.</summary>
    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    /// <summary>Handles messages of a type with a task; the next message waits until it is over.</summary>
    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        Receive(messageType, message => ActorTaskScheduler.RunTask(() => handler(message)), shouldHandle);

    /// <summary>Handles the messages of a type that <paramref name="shouldHandle"/> takes with a task.</summary>
    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        ReceiveAsync(messageType, handler, shouldHandle);

    /// <summary>Handles whatever came so far without a handler with a task. Nothing can be declared after it.</summary>
    protected void ReceiveAnyAsync(Func<object, Task> handler) => ReceiveAny(message => ActorTaskScheduler.RunTask(() => handler(message)));

    internal sealed override Receive InitialBehavior()
    {
        _initial = _configuring!;
        _configuring = null;
        return _initial.Handle;
    }

    private HandlerSet Configured(Action configure)
    {
        HandlerSet? outer = _configuring;
        HandlerSet handlers = new();
        _configuring = handlers;
        try
        {
            configure();
        }
        finally
        {
            _configuring = outer;
        }

        return handlers;
    }

    private void Declare(MessageHandler handler)
    {
        if (_configuring is null)
        {
            throw new InvalidOperationException("Receive methods can only be called in the actor's constructor and inside Become().");
        }

        _configuring.Add(handler);
    }
}
