using Akka.Actor;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// Stands for an actor of a rank in another process: what it is told goes as a frame and becomes the same message there. Telling never waits.
/// </summary>
internal sealed class LinkRef : MinimalActorRef
{
    private readonly Action<object> _send;

    /// <summary>Makes a stand-in.</summary>
    /// <param name="system">The system of those who tell it.</param>
    /// <param name="name">Name of the actor, for people.</param>
    /// <param name="send">Sends a message as a frame.</param>
    public LinkRef(ActorSystem system, string name, Action<object> send)
    {
        Provider = ((ExtendedActorSystem)system).Provider;
        Path = Provider.RootPath / "link" / name;
        _send = send;
    }

    /// <inheritdoc/>
    public override ActorPath Path { get; }

    /// <inheritdoc/>
    public override IActorRefProvider Provider { get; }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender) => _send(message);
}
