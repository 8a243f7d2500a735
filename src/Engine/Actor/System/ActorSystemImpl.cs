using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor.Internal;

/// <summary>The actor system: its parts, and the making of actors.</summary>
internal sealed partial class ActorSystemImpl : ExtendedActorSystem
{
    private readonly ExtensionRegistry _extensions;
    private readonly Deployer _deployer;
    private readonly RootActorPath _rootPath;
    private readonly DeadLetterActorRef _deadLetters;
    private readonly IgnoreActorRef _ignore;
    private readonly LocalActorRef _root;
    private readonly LocalActorRef _user;
    private readonly LocalActorRef _system;
    private long _lastUid;
    private long _lastTemp;

    private ActorSystemImpl(string name, ActorSystemSetup setup)
    {
        Name = name;
        Option<BootstrapSetup> bootstrap = setup.Get<BootstrapSetup>();
        Config given = bootstrap.HasValue ? bootstrap.Value.Config.GetOrElse(Config.Empty) : Config.Empty;
        Settings = new Settings(this, given, setup);
        RuntimeSetup? runtime = setup.Get<RuntimeSetup>().Value;

        _rootPath = new RootActorPath(new Address("akka", name));
        EventStream = new EventStream(Settings.DebugEventStream);
        Log = Logging.GetLogger(EventStream, $"ActorSystem({name})");
        _standardError = new StandardErrorLogger(this, _rootPath / "standardError");
        Scheduler = runtime?.Scheduler ?? SchedulerFactory.Create(Settings, Log);
        StartTime = Scheduler.MonotonicClock;
        Dispatchers = new Dispatchers(Settings.Config, runtime?.Execute);
        Mailboxes = new Mailboxes(Settings.Config);
        _deployer = new Deployer(Settings.Config);
        _extensions = new ExtensionRegistry(this);
        _deadLetters = new DeadLetterActorRef(this, _rootPath / "deadLetters");
        _ignore = new IgnoreActorRef(this, _rootPath / "ignore");
        TempContainer = new TempContainerRef(this, _rootPath / "temp");

        RootSupervisorRef aboveRoot = new(this, _rootPath / "_root-guardian-supervisor");
        _root = CreateLocal(Props.Create<RootGuardianActor>(SupervisorStrategy.StoppingStrategy), aboveRoot, _rootPath);
        _root.Cell.AcceptOutsideCallers();
        _root.Start();
        _user = MakeGuardian("user", GuardianStrategy());
        _system = MakeGuardian("system", SupervisorStrategy.DefaultStrategy);
        _root.Tell(new RootGuardianActor.Watching(_user, _system), ActorRefs.NoSender);
    }

    public override Settings Settings { get; }

    public override string Name { get; }

    public override Dispatchers Dispatchers { get; }

    public override Mailboxes Mailboxes { get; }

    public override IScheduler Scheduler { get; }

    public override EventStream EventStream { get; }

    public override IActorRef DeadLetters => _deadLetters;

    public override IActorRef IgnoreRef => _ignore;

    public override ILoggingAdapter Log { get; }

    /// <summary>The parent of those that wait for an answer.</summary>
    public TempContainerRef TempContainer { get; }

    public LocalActorRef RootGuardian => _root;

    public override IActorRef ActorOf(Props props, string? name = null) => _user.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf(Props props, string? name = null) => _system.Cell.ActorOf(props, name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => SelectionFactory.Create(actorPath, this);

    public override ActorSelection ActorSelection(string actorPath) => SelectionFactory.Create(actorPath, this, RootGuardian);

    public override void Stop(IActorRef actor)
    {
        ActorRefBase stopped = (ActorRefBase)actor;
        if (stopped.Parent is LocalActorRef parent)
        {
            parent.Cell.NoteStopping(stopped);
        }

        stopped.Stop();
    }

    public override object RegisterExtension(IExtensionId extension) => _extensions.GetOrMake(extension);

    public override object GetExtension(IExtensionId extensionId) => _extensions.GetOrMake(extensionId);

    public override T GetExtension<T>() => TryGetExtension(out T? extension)
        ? extension!
        : throw new InvalidOperationException($"The actor system '{Name}' has no extension {typeof(T)}: register it first.");

    public override bool HasExtension(Type type) => _extensions.TryGet(type, out _);

    public override bool HasExtension<T>() => HasExtension(typeof(T));

    public override bool TryGetExtension(Type extensionType, out object? extension) => _extensions.TryGet(extensionType, out extension);

    public override bool TryGetExtension<T>(out T? extension)
        where T : class
    {
        bool has = _extensions.TryGet(typeof(T), out object? found);
        extension = found as T;
        return has;
    }

    public override string ToString() => _rootPath.Address.ToString();

    /// <summary>The number of an actor that is being made; no two have the same in one system.</summary>
    public long NextUid() => Interlocked.Increment(ref _lastUid);

    public ActorPath TempPath() => TempContainer.Path / $"${Interlocked.Increment(ref _lastTemp)}";

    public void RegisterTemp(ActorRefBase actor) => TempContainer.Add(actor);

    public void UnregisterTemp(ActorRefBase actor) => TempContainer.Remove(actor);

    /// <summary>What stands below the root and is no guardian.</summary>
    public ActorRefBase? FindBesideGuardians(string name) => name switch
    {
        "temp" => TempContainer,
        "deadLetters" => _deadLetters,
        "ignore" => _ignore,
        _ => null,
    };

    /// <summary>The root of the system at an address: this one's, or a place where nobody lives.</summary>
    public ActorRefBase RootAt(Address address) =>
        address == _rootPath.Address ? _root : new EmptyLocalActorRef(this, new RootActorPath(address));

    /// <summary>Makes an actor that is not started yet, with what its recipe and its deployment say.</summary>
    public LocalActorRef CreateLocal(Props props, ActorRefBase parent, ActorPath path)
    {
        Deploy deploy = _deployer.Lookup(path).WithFallback(props.Deploy);
        string dispatcherId = deploy.Dispatcher.Length > 0 ? deploy.Dispatcher : Dispatchers.DefaultDispatcherId;
        string mailboxId = deploy.Mailbox.Length > 0 ? deploy.Mailbox : Dispatchers.MailboxOf(dispatcherId);
        MailboxType mailbox = Mailboxes.Lookup(mailboxId.Length > 0 ? mailboxId : Mailboxes.DefaultMailboxId);
        int stashCapacity = deploy.StashCapacity != Deploy.NoStashSize ? deploy.StashCapacity : mailbox.StashCapacity;
        Props complete = deploy.Equals(props.Deploy) && stashCapacity == deploy.StashCapacity
            ? props
            : props.WithDeploy(deploy.WithStashCapacity(stashCapacity));
        return new LocalActorRef(this, complete, Dispatchers.Lookup(dispatcherId), mailbox, parent, path);
    }

    private LocalActorRef MakeGuardian(string name, SupervisorStrategy strategy)
    {
        LocalActorRef guardian = (LocalActorRef)_root.Cell.ActorOf(Props.Create<GuardianActor>(strategy), name);
        guardian.Cell.AcceptOutsideCallers();
        return guardian;
    }

    private SupervisorStrategy GuardianStrategy()
    {
        string configured = Settings.SupervisorStrategyClass.Split(',')[0].Trim();
        return configured switch
        {
            "Akka.Actor.DefaultSupervisorStrategy" => SupervisorStrategy.DefaultStrategy,
            "Akka.Actor.StoppingSupervisorStrategy" => SupervisorStrategy.StoppingStrategy,
            _ => throw new ConfigurationException(
                $"akka.actor.guardian-supervisor-strategy is '{configured}': use Akka.Actor.DefaultSupervisorStrategy or Akka.Actor.StoppingSupervisorStrategy."),
        };
    }
}
