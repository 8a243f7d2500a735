namespace Akka.Actor;

/// <summary>What an actor waits for until its stopping children are gone.</summary>
internal enum WaitReason
{
    /// <summary>Nothing: the children stop on their own.</summary>
    None,

    /// <summary>To make a fresh instance in a failed one's place.</summary>
    Recreation,

    /// <summary>To make the first instance again, after it failed in its constructor.</summary>
    Creation,

    /// <summary>To end.</summary>
    Termination,
}

/// <summary>
/// An actor's children by name: reserved, alive or stopping. A name is free again once the child is gone. Guarded by a
/// lock, since other threads look children up and the system makes actors below its guardians.
/// </summary>
internal sealed class Children
{
    private const string NameAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ChildRestartStats?> _byName = new(StringComparer.Ordinal); // null: reserved
    private readonly HashSet<ActorRefBase> _dying = [];
    private long _nextName;
    private Exception? _cause;
    private bool _closed;

    public WaitReason Reason { get; private set; }

    public bool IsWaiting => Reason != WaitReason.None;

    /// <summary>Takes a name, a generated one when null is given.</summary>
    public string Reserve(string? name, ActorPath parent)
    {
        lock (_lock)
        {
            if (_closed || Reason == WaitReason.Termination)
            {
                throw new InvalidOperationException($"Cannot create a child of {parent}: it is stopping or stopped.");
            }

            string taken = name ?? GeneratedName();
            if (!_byName.TryAdd(taken, null))
            {
                throw new InvalidActorNameException(
                    $"Actor name '{taken}' is not unique below {parent}: a child of that name lives or is still stopping.");
            }

            return taken;
        }
    }

    public void Unreserve(string name)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out ChildRestartStats? stats) && stats is null)
            {
                _byName.Remove(name);
            }
        }
    }

    /// <summary>Puts a child in the place of its reserved name.</summary>
    public void Add(string name, ChildRestartStats stats)
    {
        lock (_lock)
        {
            if (_closed || Reason == WaitReason.Termination)
            {
                throw new InvalidOperationException($"Cannot create {stats.Child.Path}: its parent is stopping or stopped.");
            }

            _byName[name] = stats;
        }
    }

    public ActorRefBase? Find(string name)
    {
        lock (_lock)
        {
            return _byName.GetValueOrDefault(name)?.Child;
        }
    }

    public ChildRestartStats? StatsOf(ActorRefBase child)
    {
        lock (_lock)
        {
            return _byName.TryGetValue(child.Path.Name, out ChildRestartStats? stats) && stats is not null && stats.Child.Equals(child) ? stats : null;
        }
    }

    public ActorRefBase[] Snapshot()
    {
        lock (_lock)
        {
            List<ActorRefBase> children = new(_byName.Count);
            foreach (ChildRestartStats? stats in _byName.Values)
            {
                if (stats is not null)
                {
                    children.Add(stats.Child);
                }
            }

            return children.ToArray();
        }
    }

    public List<ChildRestartStats> AllStats()
    {
        lock (_lock)
        {
            List<ChildRestartStats> all = new(_byName.Count);
            foreach (ChildRestartStats? stats in _byName.Values)
            {
                if (stats is not null)
                {
                    all.Add(stats);
                }
            }

            return all;
        }
    }

    /// <summary>Notes that a child has been told to stop.</summary>
    public void MarkDying(ActorRefBase child)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(child.Path.Name, out ChildRestartStats? stats) && stats is not null && stats.Child.Equals(child))
            {
                _dying.Add(stats.Child);
            }
        }
    }

    /// <summary>Waits for the stopping children; false when there are none. Termination, once begun, closes the door to new children.</summary>
    public bool TryWait(WaitReason reason, Exception? cause)
    {
        lock (_lock)
        {
            if (_dying.Count == 0)
            {
                _closed = reason == WaitReason.Termination;
                return false;
            }

            Reason = reason;
            _cause = cause;
            return true;
        }
    }

    /// <summary>Forgets a child that is gone.</summary>
    /// <returns>What the actor waited for, when this was the last that it waited for.</returns>
    public WaitReason? Remove(ActorRefBase child)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(child.Path.Name, out ChildRestartStats? stats) && stats is not null && stats.Child.Equals(child))
            {
                _byName.Remove(child.Path.Name);
            }

            if (_dying.Remove(child) && _dying.Count == 0 && Reason != WaitReason.None)
            {
                WaitReason finished = Reason;
                _closed = finished == WaitReason.Termination;
                Reason = finished == WaitReason.Termination ? finished : WaitReason.None;
                return finished;
            }

            return null;
        }
    }

    /// <summary>The failure that the recreation was for.</summary>
    public Exception TakeCause()
    {
        Exception cause = _cause!;
        _cause = null;
        return cause;
    }

    private string GeneratedName()
    {
        long number = _nextName++;
        Span<char> name = stackalloc char[12];
        int length = 0;
        name[length++] = '$';
        do
        {
            name[length++] = NameAlphabet[(int)(number & 63)];
            number >>= 6;
        }
        while (number > 0);
        return name[..length].ToString();
    }
}
