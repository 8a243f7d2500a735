using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>What every handle shares: equality by path and incarnation, and the refusal of null messages.</summary>
public abstract class ActorRefBase : IActorRef
{
    private protected ActorRefBase()
    {
    }

    /// <inheritdoc/>
    public abstract ActorPath Path { get; }

    /// <summary>The system that the actor belongs to; null for <see cref="ActorRefs.Nobody"/>.</summary>
    internal abstract ActorSystemImpl? SystemImpl { get; }

    /// <summary>The supervisor's handle; <see cref="ActorRefs.Nobody"/> where there is none.</summary>
    internal virtual ActorRefBase Parent => ActorRefs.Nobody;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Tell(object message, IActorRef? sender)
    {
        if (message is null)
        {
            ThrowNullMessage();
        }

        TellInternal(message, sender);
    }

    /// <summary>Delivers a message that is known not to be null.</summary>
    protected abstract void TellInternal(object message, IActorRef? sender);

    /// <summary>Delivers a message of the engine itself, ahead of all others.</summary>
    internal virtual void SendSystemMessage(SystemMessage message)
    {
    }

    /// <summary>The direct child with that name, or <see cref="ActorRefs.Nobody"/>.</summary>
    internal virtual ActorRefBase GetSingleChild(string name) => ActorRefs.Nobody;

    /// <summary>The direct children at this moment.</summary>
    internal virtual IReadOnlyList<IActorRef> GetChildren() => [];

    /// <summary>Begins to run what was created.</summary>
    internal virtual void Start()
    {
    }

    /// <summary>Stops the actor after the message that it handles now.</summary>
    internal virtual void Stop()
    {
    }

    /// <summary>Holds back user messages until as many <see cref="Resume"/> calls came.</summary>
    internal virtual void Suspend()
    {
    }

    /// <summary>Lets user messages through again; <paramref name="causedByFailure"/> ends the actor's failed state.</summary>
    internal virtual void Resume(Exception? causedByFailure)
    {
    }

    /// <summary>Puts a fresh instance in the failed one's place.</summary>
    internal virtual void Restart(Exception cause)
    {
    }

    /// <inheritdoc/>
    public bool Equals(IActorRef? other) =>
        ReferenceEquals(this, other) || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IActorRef);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path.Uid, Path.Name);

    /// <inheritdoc/>
    public int CompareTo(IActorRef? other)
    {
        if (other is null)
        {
            return 1;
        }

        int byPath = Path.CompareTo(other.Path);
        return byPath != 0 ? byPath : Path.Uid.CompareTo(other.Path.Uid);
    }

    /// <inheritdoc/>
    public int CompareTo(object? obj) => CompareTo(obj as IActorRef);

    /// <summary>The path with the incarnation's id in brackets, <c>[akka://system/user/name#17]</c>.</summary>
    public override string ToString() => $"[{Path.ToStringWithUid()}]";

    [DoesNotReturn]
    private static void ThrowNullMessage() => throw new InvalidMessageException("Message is null: an actor cannot be told null.");
}
