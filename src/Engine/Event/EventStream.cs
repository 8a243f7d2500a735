using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.Event;

/// <summary>A system's bus of events: dead letters, unhandled messages, log events and whatever actors publish.</summary>
public class EventStream : LoggingBus
{
    private IActorRef? _unsubscriber;

    /// <summary>Creates a stream.</summary>
    /// <param name="debug">Whether subscriptions are logged.</param>
    public EventStream(bool debug) => IsDebugging = debug;

    private bool IsDebugging { get; }

    /// <inheritdoc/>
    public override bool Subscribe(IActorRef subscriber, Type channel)
    {
        bool added = base.Subscribe(subscriber, channel);
        if (added)
        {
            _unsubscriber?.Tell(new EventStreamUnsubscriber.Register(subscriber), ActorRefs.NoSender);
            LogChange("subscribing", subscriber, channel);
        }

        return added;
    }

    /// <inheritdoc/>
    public override bool Unsubscribe(IActorRef subscriber, Type channel)
    {
        bool removed = base.Unsubscribe(subscriber, channel);
        if (removed)
        {
            LogChange("unsubscribing", subscriber, channel);
        }

        return removed;
    }

    /// <summary>From now on an actor's subscriptions end with it.</summary>
    internal void StartUnsubscriber(ActorSystemImpl system) =>
        _unsubscriber = system.SystemActorOf(Props.Create(() => new EventStreamUnsubscriber(this)), "eventStreamUnsubscriber");

    private void LogChange(string what, IActorRef subscriber, Type channel)
    {
        if (IsDebugging)
        {
            Publish(new Debug(nameof(EventStream), typeof(EventStream), $"{what} {subscriber} {channel}"));
        }
    }
}

/// <summary>Ends the subscriptions of actors that are gone.</summary>
internal sealed class EventStreamUnsubscriber : ReceiveActor
{
    public EventStreamUnsubscriber(EventStream stream)
    {
        Receive<Register>(register => Context.Watch(register.Subscriber), register => register.Subscriber is LocalActorRef);
        Receive<Register>(_ => { });
        Receive<Terminated>(terminated =>
        {
            stream.Unsubscribe(terminated.ActorRef); // in braces: its answer is not whether the message was handled
        });
    }

    public sealed record Register(IActorRef Subscriber);
}
