using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>The parent of all user actors or of all system actors. Messages to it are dead letters.</summary>
internal sealed class GuardianActor : UntypedActor
{
    protected override void OnReceive(object message) => Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
}

/// <summary>The root: when the user actors have ended it ends the system actors, and then itself.</summary>
internal sealed class RootGuardianActor : ReceiveActor
{
    public RootGuardianActor()
    {
        Receive<Watching>(watching =>
        {
            Context.Watch(watching.User);
            Context.Watch(watching.System);
            Become(() => Receive<Terminated>(terminated => Context.Stop(terminated.ActorRef.Equals(watching.User) ? watching.System : Self)));
        });
    }

    public sealed record Watching(IActorRef User, IActorRef System);
}

/// <summary>Above the root: learns of its end, which is the system's.</summary>
internal sealed class RootSupervisorRef(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    internal override void SendSystemMessage(SystemMessage message)
    {
        switch (message)
        {
            case DeathWatchNotification:
                SystemImpl.CompleteTermination();
                break;
            case Failed failed:
                SystemImpl.Log.Error(failed.Cause, "The root guardian failed, the system ends: {0}", failed.Cause.Message);
                failed.Child.Stop();
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef? sender) => Undelivered.Handle(SystemImpl, message, sender, this);
}

/// <summary>Takes messages and forgets them.</summary>
internal sealed class IgnoreActorRef(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    protected override void TellInternal(object message, IActorRef? sender)
    {
    }
}
