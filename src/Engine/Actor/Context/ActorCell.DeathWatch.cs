using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>Whom the actor watches and who watches it.</summary>
internal sealed partial class ActorCell
{
    // Watched actors with the message that replaces Terminated (null: none).
    private Dictionary<IActorRef, object?>? _watching;

    // Actors whose Terminated lies in the mailbox: it counts only while they are here, so unwatching takes it back.
    private Dictionary<IActorRef, object?>? _terminatedQueued;

    private HashSet<ActorRefBase>? _watchedBy;

    public IActorRef Watch(IActorRef subject) => WatchFor(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WatchFor(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        if (subject is ActorRefBase actor && !actor.Equals(_self) && _watching is not null && _watching.Remove(actor))
        {
            actor.SendSystemMessage(new Unwatch(actor, _self));
        }

        _terminatedQueued?.Remove(subject);
        return subject;
    }

    private IActorRef WatchFor(IActorRef subject, object? message)
    {
        if (subject is not ActorRefBase actor)
        {
            throw new ArgumentException($"{subject} is not an actor of this engine and cannot be watched by it.", nameof(subject));
        }

        if (actor.Equals(_self))
        {
            return subject;
        }

        _watching ??= [];
        if (!_watching.TryGetValue(actor, out object? former))
        {
            actor.SendSystemMessage(new Watch(actor, _self));
            _watching.Add(actor, message);
        }
        else if (!Equals(former, message))
        {
            throw new InvalidOperationException($"{_self} watches {actor} already, with another termination message: call Unwatch first.");
        }

        return subject;
    }

    /// <summary>A <see cref="Terminated"/> goes back into the mailbox, out of the stash.</summary>
    public void TerminatedRequeued(Terminated terminated) => (_terminatedQueued ??= [])[terminated.ActorRef] = null;

    private void ReceivedTerminated(Terminated terminated)
    {
        if (_terminatedQueued is not null && _terminatedQueued.Remove(terminated.ActorRef, out object? custom))
        {
            CurrentMessage = custom ?? terminated;
            Receive(CurrentMessage);
        }
    }

    private void WatchedActorTerminated(ActorRefBase actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null && _watching.Remove(actor, out object? custom) && !IsTerminating)
        {
            _self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated), actor);
            (_terminatedQueued ??= [])[actor] = custom;
        }

        if (_children?.StatsOf(actor) is not null)
        {
            HandleChildTerminated(actor);
        }
    }

    private void AddWatcher(ActorRefBase watchee, ActorRefBase watcher)
    {
        bool watchesSelf = watchee.Equals(_self);
        if (watchesSelf && !watcher.Equals(_self))
        {
            (_watchedBy ??= []).Add(watcher);
        }
    }

    private void RemoveWatcher(ActorRefBase watchee, ActorRefBase watcher)
    {
        if (watchee.Equals(_self))
        {
            _watchedBy?.Remove(watcher);
        }
    }

    private void TellWatchersOfEnd()
    {
        if (_watchedBy is null)
        {
            return;
        }

        foreach (ActorRefBase watcher in _watchedBy)
        {
            if (!watcher.Equals(ParentRef)) // the parent has its notification anyway
            {
                watcher.SendSystemMessage(new DeathWatchNotification(_self, ExistenceConfirmed: true, AddressTerminated: false));
            }
        }

        _watchedBy = null;
    }

    private void UnwatchAll()
    {
        if (_watching is not null)
        {
            foreach (IActorRef watched in _watching.Keys)
            {
                ((ActorRefBase)watched).SendSystemMessage(new Unwatch((ActorRefBase)watched, _self));
            }

            _watching = null;
        }

        _terminatedQueued = null;
    }
}
