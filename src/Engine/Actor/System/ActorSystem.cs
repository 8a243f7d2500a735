using Akka.Actor.Internal;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>A tree of actors with its threads, clock, event stream and configuration.</summary>
public abstract class ActorSystem : IActorRefFactory, IDisposable
{
    private protected ActorSystem()
    {
    }

    /// <summary>The system's configuration.</summary>
    public abstract Settings Settings { get; }

    /// <summary>The system's name.</summary>
    public abstract string Name { get; }

    /// <summary>The system's dispatchers.</summary>
    public abstract Dispatchers Dispatchers { get; }

    /// <summary>The system's mailboxes.</summary>
    public abstract Mailboxes Mailboxes { get; }

    /// <summary>The system's clock and alarm.</summary>
    public abstract IScheduler Scheduler { get; }

    /// <summary>The system's bus of events.</summary>
    public abstract EventStream EventStream { get; }

    /// <summary>Where messages go that reach nobody.</summary>
    public abstract IActorRef DeadLetters { get; }

    /// <summary>A handle that takes messages and forgets them.</summary>
    public abstract IActorRef IgnoreRef { get; }

    /// <summary>The system's own log.</summary>
    public abstract ILoggingAdapter Log { get; }

    /// <summary>When the system started, on its scheduler's monotonic clock.</summary>
    public TimeSpan StartTime { get; private protected set; }

    /// <summary>How long the system has run.</summary>
    public TimeSpan Uptime => Scheduler.MonotonicClock - StartTime;

    /// <summary>Over when every actor has stopped and the system's threads have ended.</summary>
    public abstract Task WhenTerminated { get; }

    /// <summary>Starts a system with the default configuration.</summary>
    public static ActorSystem Create(string name) => Create(name, Config.Empty);

    /// <summary>Starts a system.</summary>
    /// <param name="name">Letters, digits, '-' and '_', not in front.</param>
    /// <param name="config">What differs from the defaults.</param>
    public static ActorSystem Create(string name, Config config) => Create(name, BootstrapSetup.Create().WithConfig(config));

    /// <summary>Starts a system.</summary>
    public static ActorSystem Create(string name, BootstrapSetup setup) => Create(name, ActorSystemSetup.Create(setup));

    /// <summary>Starts a system.</summary>
    public static ActorSystem Create(string name, ActorSystemSetup setup) => ActorSystemImpl.CreateAndStart(name, setup);

    /// <inheritdoc/>
    public abstract IActorRef ActorOf(Props props, string? name = null);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(ActorPath actorPath);

    /// <inheritdoc/>
    public abstract ActorSelection ActorSelection(string actorPath);

    /// <summary>Stops an actor after the message that it handles now.</summary>
    public abstract void Stop(IActorRef actor);

    /// <summary>Ends the system: runs the coordinated shutdown, then stops all actors.</summary>
    /// <returns><see cref="WhenTerminated"/>.</returns>
    public abstract Task Terminate();

    /// <summary>Has <paramref name="code"/> called when the system has ended; what was registered last is called first.</summary>
    public abstract void RegisterOnTermination(Action code);

    /// <summary>Makes the system's extension, unless it has it already.</summary>
    public abstract object RegisterExtension(IExtensionId extension);

    /// <summary>The system's extension, made if need be.</summary>
    public abstract object GetExtension(IExtensionId extensionId);

    /// <summary>The system's extension of that type.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public abstract T GetExtension<T>()
        where T : class, IExtension;

    /// <summary>Whether the system has an extension of that type.</summary>
    public abstract bool HasExtension(Type type);

    /// <summary>Whether the system has an extension of that type.</summary>
    public abstract bool HasExtension<T>()
        where T : class, IExtension;

    /// <summary>The system's extension of that type, if it has one.</summary>
    public abstract bool TryGetExtension(Type extensionType, out object? extension);

    /// <summary>The system's extension of that type, if it has one.</summary>
    public abstract bool TryGetExtension<T>(out T? extension)
        where T : class, IExtension;

    /// <summary>Ends the system and waits until it has.</summary>
    public void Dispose()
    {
        Terminate().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
