using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Publishes what could not be delivered as <see cref="DeadLetter"/> on the event stream.</summary>
internal sealed class DeadLetterActorRef(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    protected override void TellInternal(object message, IActorRef? sender)
    {
        switch (message)
        {
            case DeadLetter letter:
                Undelivered.Handle(SystemImpl, letter.Message, letter.Sender, letter.Recipient);
                break;
            case AllDeadLetters other:
                SystemImpl.EventStream.Publish(other);
                break;
            default:
                Undelivered.Handle(SystemImpl, message, sender, this);
                break;
        }
    }

    internal override void SendSystemMessage(SystemMessage message) => Undelivered.HandleSystem(message);
}

/// <summary>The handle at a path where no actor lives.</summary>
internal sealed class EmptyLocalActorRef(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    protected override void TellInternal(object message, IActorRef? sender) => Undelivered.Handle(SystemImpl, message, sender, this);
}

/// <summary>The one place that decides what becomes of a message whose receiver does not live.</summary>
internal static class Undelivered
{
    public static void Handle(ActorSystemImpl system, object message, IActorRef? sender, IActorRef recipient)
    {
        IActorRef from = sender ?? system.DeadLetters;
        switch (message)
        {
            case Identify identify:
                from.Tell(new ActorIdentity(identify.MessageId, null), system.DeadLetters);
                break;
            case ActorSelectionMessage { Message: Identify identify }:
                from.Tell(new ActorIdentity(identify.MessageId, null), system.DeadLetters);
                break;
            case AllDeadLetters or LogEvent:
                break; // its reader is gone; to report it would only make another one
            case IDeadLetterSuppression suppressed:
                system.EventStream.Publish(new SuppressedDeadLetter(suppressed, from, recipient));
                break;
            default:
                system.EventStream.Publish(new DeadLetter(message, from, recipient));
                break;
        }
    }

    public static void HandleSystem(SystemMessage message)
    {
        if (message is Watch watch)
        {
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }
}
