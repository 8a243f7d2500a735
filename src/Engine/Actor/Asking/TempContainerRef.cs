using System.Collections.Concurrent;
using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>The parent of those that wait for an answer, <c>/temp</c>.</summary>
internal sealed class TempContainerRef(ActorSystemImpl system, ActorPath path) : PathActorRef(system, path)
{
    private readonly ConcurrentDictionary<string, ActorRefBase> _children = new();

    internal override ActorRefBase Parent => SystemImpl.RootGuardian;

    public void Add(ActorRefBase child) => _children[child.Path.Name] = child;

    public void Remove(ActorRefBase child) => _children.TryRemove(child.Path.Name, out _);

    internal override ActorRefBase GetSingleChild(string name) => _children.GetValueOrDefault(name) ?? (ActorRefBase)ActorRefs.Nobody;

    internal override IReadOnlyList<IActorRef> GetChildren() => [.. _children.Values];

    protected override void TellInternal(object message, IActorRef? sender) => Undelivered.Handle(SystemImpl, message, sender, this);
}
