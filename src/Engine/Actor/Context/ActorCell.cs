using System.Diagnostics.CodeAnalysis;
using Akka.Actor.Internal;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// What lives between an actor's handle and its current instance, and outlives restarts: context, behaviours, children,
/// watches, failure state. Except where noted it is touched only by the thread that runs the mailbox.
/// </summary>
internal sealed partial class ActorCell : IUntypedActorContext
{
    [ThreadStatic]
    private static ActorCell? _current;

    private readonly LocalActorRef _self;
    private ActorBase? _actor;
    private Mailbox? _mailbox;
    private ActorTaskScheduler? _taskScheduler;

    public ActorCell(ActorSystemImpl system, LocalActorRef self, Props props, MessageDispatcher dispatcher, ActorRefBase parent)
    {
        SystemImpl = system;
        _self = self;
        Props = props;
        Dispatcher = dispatcher;
        ParentRef = parent;
    }

    /// <summary>The cell that this thread runs; null outside an actor.</summary>
    public static ActorCell? Current
    {
        get => _current;
        set => _current = value;
    }

    public ActorSystemImpl SystemImpl { get; }

    public ActorRefBase ParentRef { get; }

    public Mailbox Mailbox => _mailbox!;

    public ActorTaskScheduler TaskScheduler => _taskScheduler ??= new ActorTaskScheduler(this);

    /// <summary>Whether the actor's constructor runs right now, which is the only time that an instance can bind to the cell.</summary>
    public bool IsCreatingInstance { get; private set; }

    public IActorRef Self => _self;

    public IActorRef Sender => SenderOrNull ?? SystemImpl.DeadLetters;

    public IActorRef? SenderOrNull { get; private set; }

    /// <summary>The message that is being handled; null between messages.</summary>
    public object? CurrentMessage { get; private set; }

    /// <summary>Counts messages, so that one is told from the same object sent again.</summary>
    public long CurrentEnvelopeId { get; private set; }

    public IActorRef Parent => ParentRef;

    public Props Props { get; }

    public ActorSystem System => SystemImpl;

    public MessageDispatcher Dispatcher { get; }

    public static ActorCell CurrentOrThrow() => _current ?? ThrowNoContext();

    /// <summary>Binds the cell to its mailbox, before anyone knows of either.</summary>
    public void Initialize(Mailbox mailbox) => _mailbox = mailbox;

    /// <summary>Begins to run. Called once, by the thread that made the actor.</summary>
    public void Start() => Mailbox.Start();

    public void SetCurrentMessage(object? message, IActorRef? sender)
    {
        CurrentMessage = message;
        SenderOrNull = sender;
    }

    public void ClearCurrentMessage()
    {
        CurrentMessage = null;
        SenderOrNull = null;
    }

    public ActorSelection ActorSelection(ActorPath actorPath) => SelectionFactory.Create(actorPath, SystemImpl);

    public ActorSelection ActorSelection(string actorPath) => SelectionFactory.Create(actorPath, SystemImpl, _self);

    private ActorBase NewInstance()
    {
        IsCreatingInstance = true;
        try
        {
            ActorBase instance = Props.NewActor()
                ?? throw new ActorInitializationException(_self, "The actor's recipe made null.");
            _actor = instance;
            AttachCapabilities(instance);
            ResetBehaviors(instance.InitialBehavior());
            return instance;
        }
        finally
        {
            IsCreatingInstance = false;
        }
    }

    /// <summary>Forgets the instance, so that a handler that is still referenced holds nothing of the cell's life.</summary>
    private void ClearInstance()
    {
        _actor = null;
        _supervisorStrategy = null;
        ResetBehaviors(NoBehavior);
    }

    [DoesNotReturn]
    private static ActorCell ThrowNoContext() => throw new NotSupportedException(
        "There is no active ActorContext here, most likely because the code runs after an await that left the actor; take Self, Sender or Context into a local variable before, or use ReceiveAsync or PipeTo.");
}
