using System.Collections.Concurrent;
using Akka.Actor;

namespace Akka.Event;

/// <summary>
/// Carries events to subscribers by type: who subscribes to a type gets what is derived from it or implements it too.
/// </summary>
public class LoggingBus
{
    private static readonly LogLevel[] AllLevels = [LogLevel.DebugLevel, LogLevel.InfoLevel, LogLevel.WarningLevel, LogLevel.ErrorLevel];

    private readonly Lock _changes = new();
    private readonly List<IActorRef> _loggers = [];
    private Routes _routes = new([]);

    private protected LoggingBus()
    {
    }

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; private set; } = Logging.Off;

    /// <summary>Delivers an event to whoever subscribed to its type or a base of it.</summary>
    public void Publish(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        Routes routes = Volatile.Read(ref _routes);
        foreach (IActorRef subscriber in routes.SubscribersOf(@event.GetType()))
        {
            subscriber.Tell(@event, ActorRefs.NoSender);
        }
    }

    /// <summary>Subscribes an actor to a type of events; false when it was already.</summary>
    public virtual bool Subscribe(IActorRef subscriber, Type classifier)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ArgumentNullException.ThrowIfNull(classifier);
        lock (_changes)
        {
            Subscription added = new(subscriber, classifier);
            if (Array.IndexOf(_routes.Subscriptions, added) >= 0)
            {
                return false;
            }

            Volatile.Write(ref _routes, new Routes([.. _routes.Subscriptions, added]));
            return true;
        }
    }

    /// <summary>Takes a subscription back; false when there was none.</summary>
    public virtual bool Unsubscribe(IActorRef subscriber, Type classifier) =>
        Drop(subscription => subscription.Channel == classifier && subscription.Subscriber.Equals(subscriber));

    /// <summary>Takes all of an actor's subscriptions back; false when there was none.</summary>
    public virtual bool Unsubscribe(IActorRef subscriber) => Drop(subscription => subscription.Subscriber.Equals(subscriber));

    /// <summary>Sets the least level that is logged.</summary>
    public void SetLogLevel(LogLevel logLevel)
    {
        lock (_changes)
        {
            LogLevel = logLevel;
            _loggers.ForEach(SubscribeToLevels);
        }
    }

    /// <summary>Adds a receiver of log events.</summary>
    internal void AddLogger(IActorRef logger)
    {
        lock (_changes)
        {
            _loggers.Add(logger);
            SubscribeToLevels(logger);
        }
    }

    /// <summary>Takes a receiver of log events away.</summary>
    internal void RemoveLogger(IActorRef logger)
    {
        lock (_changes)
        {
            _loggers.Remove(logger);
            Unsubscribe(logger);
        }
    }

    private void SubscribeToLevels(IActorRef logger)
    {
        foreach (LogLevel level in AllLevels)
        {
            if (level >= LogLevel)
            {
                Subscribe(logger, level.ClassFor());
            }
            else
            {
                Unsubscribe(logger, level.ClassFor());
            }
        }
    }

    private bool Drop(Predicate<Subscription> dropped)
    {
        lock (_changes)
        {
            Subscription[] left = Array.FindAll(_routes.Subscriptions, subscription => !dropped(subscription));
            if (left.Length == _routes.Subscriptions.Length)
            {
                return false;
            }

            Volatile.Write(ref _routes, new Routes(left));
            return true;
        }
    }

    private readonly record struct Subscription(IActorRef Subscriber, Type Channel);

    /// <summary>The subscriptions of a moment, with the answers that were worked out from them.</summary>
    private sealed class Routes(Subscription[] subscriptions)
    {
        private readonly ConcurrentDictionary<Type, IActorRef[]> _byType = new();

        public Subscription[] Subscriptions => subscriptions;

        public IActorRef[] SubscribersOf(Type type) => _byType.GetOrAdd(type, static (key, routes) => routes.Find(key), this);

        private IActorRef[] Find(Type type)
        {
            List<IActorRef> found = [];
            foreach (Subscription subscription in subscriptions)
            {
                if (subscription.Channel.IsAssignableFrom(type) && !found.Contains(subscription.Subscriber))
                {
                    found.Add(subscription.Subscriber);
                }
            }

            return found.ToArray();
        }
    }
}
