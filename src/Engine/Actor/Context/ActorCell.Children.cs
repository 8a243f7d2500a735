using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>The actor's children.</summary>
internal sealed partial class ActorCell
{
    private Children? _children;

    /// <summary>Whether the actor does nothing but wait for children to stop, to be terminated or made anew.</summary>
    public bool IsWaitingForChildren => _children is { IsWaiting: true };

    private bool IsTerminating => _children is { Reason: WaitReason.Termination };

    /// <summary>Makes a child. The system calls this from any thread for its guardians.</summary>
    public IActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null && !ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"'{name}' cannot name an actor below {_self.Path}: use ASCII letters, digits and {ActorPath.ValidSymbols}, with no '$' in front.");
        }

        Children children = LazyInitializer.EnsureInitialized(ref _children);
        string childName = children.Reserve(name, _self.Path);
        try
        {
            ChildActorPath path = new(_self.Path, childName, SystemImpl.NextUid());
            LocalActorRef child = SystemImpl.CreateLocal(props, _self, path);
            children.Add(childName, new ChildRestartStats(child));
            child.Start();
            return child;
        }
        catch
        {
            children.Unreserve(childName);
            throw;
        }
    }

    /// <summary>Readies the cell for threads that make children from outside, so that its end closes the door to them.</summary>
    public void AcceptOutsideCallers() => LazyInitializer.EnsureInitialized(ref _children);

    /// <summary>The child with that name, asked from any thread.</summary>
    public ActorRefBase GetSingleChild(string name)
    {
        if (ParentRef is RootSupervisorRef && SystemImpl.FindBesideGuardians(name) is { } beside)
        {
            return beside;
        }

        if (_children is null)
        {
            return ActorRefs.Nobody;
        }

        int hash = name.LastIndexOf('#');
        ActorRefBase? child = _children.Find(hash < 0 ? name : name[..hash]);
        bool isThatIncarnation = hash < 0 || (long.TryParse(name.AsSpan(hash + 1), out long uid) && child?.Path.Uid == uid);
        return child is not null && isThatIncarnation ? child : ActorRefs.Nobody;
    }

    public IActorRef Child(string name) => GetSingleChild(name);

    public IEnumerable<IActorRef> GetChildren() => ChildrenSnapshot();

    /// <summary>The children at this moment, asked from any thread.</summary>
    public ActorRefBase[] ChildrenSnapshot() => _children?.Snapshot() ?? [];

    public void Stop(IActorRef child)
    {
        if (child is not ActorRefBase actor)
        {
            throw new ArgumentException($"{child} is not an actor of this engine and cannot be stopped by it.", nameof(child));
        }

        if (!actor.Equals(_self))
        {
            _children?.MarkDying(actor);
        }

        actor.Stop();
    }

    /// <summary>Notes, from any thread, that a child has been told to stop.</summary>
    public void NoteStopping(ActorRefBase child) => _children?.MarkDying(child);

    /// <summary>The default of <c>PreRestart</c>.</summary>
    public void UnwatchAndStopChildren()
    {
        foreach (ActorRefBase child in ChildrenSnapshot())
        {
            Unwatch(child);
            Stop(child);
        }
    }

    private void StopChildren()
    {
        foreach (ActorRefBase child in ChildrenSnapshot())
        {
            Stop(child);
        }
    }

    private void SuspendChildren(ActorRefBase? except)
    {
        foreach (ActorRefBase child in ChildrenSnapshot())
        {
            if (!ReferenceEquals(child, except))
            {
                child.Suspend();
            }
        }
    }

    private void ResumeChildren(Exception? causedByFailure, ActorRefBase? perpetrator)
    {
        foreach (ActorRefBase child in ChildrenSnapshot())
        {
            child.Resume(ReferenceEquals(child, perpetrator) ? causedByFailure : null);
        }
    }

    private void HandleChildTerminated(ActorRefBase child)
    {
        Children children = _children!;
        WaitReason? finished = children.Remove(child);
        if (_actor is not null && finished is null)
        {
            Strategy.HandleChildTerminated(this, child, children.Snapshot());
        }

        switch (finished)
        {
            case WaitReason.Recreation:
                FinishRecreate(children.TakeCause());
                break;
            case WaitReason.Creation:
                FinishCreate();
                break;
            case WaitReason.Termination:
                FinishTerminate();
                break;
        }
    }
}
