using Akka.Actor;

namespace Akka.Tests;

/// <summary>An actor whose behaviour the test writes in place; it sees the protected parts of an actor.</summary>
internal sealed class Scripted(Action<Scripted, object> onReceive) : UntypedActor, IWithUnboundedStash, IWithTimers
{
    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public new IActorRef Sender => base.Sender;

    public new IActorRef Self => base.Self;

    public new IUntypedActorContext Context => UntypedActor.Context;

    public static Props Props(Action<Scripted, object> onReceive) => Akka.Actor.Props.Create(() => new Scripted(onReceive));

    public new void Unhandled(object message) => base.Unhandled(message);

    protected override void OnReceive(object message) => onReceive(this, message);
}
