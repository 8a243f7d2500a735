using Akka.Actor;

namespace Akka.Event;

/// <summary>Subscriptions by type parameter.</summary>
public static class EventStreamExtensions
{
    /// <summary>Subscribes an actor to a type of events; false when it was already.</summary>
    public static bool Subscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Subscribe(subscriber, typeof(TChannel));

    /// <summary>Takes a subscription back; false when there was none.</summary>
    public static bool Unsubscribe<TChannel>(this EventStream eventStream, IActorRef subscriber) => eventStream.Unsubscribe(subscriber, typeof(TChannel));
}
