namespace Akka.Actor;

/// <summary>The stack of behaviours and the capabilities that an actor type asks for.</summary>
internal sealed partial class ActorCell
{
    private static readonly Receive NoBehavior = static _ => false;

    private Receive _behavior = NoBehavior;
    private Stack<Receive>? _behaviorsBelow;
    private StashBuffer? _stash;
    private TimerScheduler? _timers;

    public void Become(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behavior = receive;
    }

    public void BecomeStacked(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        (_behaviorsBelow ??= new Stack<Receive>()).Push(_behavior);
        _behavior = receive;
    }

    public void Become(UntypedReceive receive) => Become(Adapted(receive));

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(Adapted(receive));

    public void UnbecomeStacked()
    {
        if (_behaviorsBelow is { Count: > 0 })
        {
            _behavior = _behaviorsBelow.Pop();
        }
    }

    private static Receive Adapted(UntypedReceive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        return message =>
        {
            receive(message);
            return true;
        };
    }

    private void ResetBehaviors(Receive initial)
    {
        _behavior = initial;
        _behaviorsBelow?.Clear();
    }

    private void AttachCapabilities(ActorBase instance)
    {
        if (instance is IActorStash stashing)
        {
            stashing.Stash = _stash ??= new StashBuffer(this, Props.Deploy.StashCapacity);
        }

        if (instance is IWithTimers timing)
        {
            timing.Timers = _timers ??= new TimerScheduler(this);
        }
    }

    /// <summary>Before an instance goes: its timers end, and what it stashed goes back in front of the mailbox.</summary>
    private void ReleaseCapabilities()
    {
        _timers?.CancelAll();
        _stash?.UnstashAll();
    }
}
