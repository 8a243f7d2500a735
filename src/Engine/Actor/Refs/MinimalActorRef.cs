using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>A handle without an actor behind it; it answers a watch at once, since what it names does not live.</summary>
internal abstract class MinimalActorRef : ActorRefBase
{
    internal override void SendSystemMessage(SystemMessage message)
    {
        if (message is Watch watch && Equals(watch.Watchee) && !Equals(watch.Watcher))
        {
            watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, ExistenceConfirmed: false, AddressTerminated: false));
        }
    }
}

/// <summary>A minimal handle at a fixed path of a system.</summary>
internal abstract class PathActorRef(ActorSystemImpl system, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path => path;

    internal override ActorSystemImpl SystemImpl => system;
}
