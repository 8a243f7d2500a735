using Akka.Actor;

namespace Actors.Simulation.Turns;

/// <summary>Who sends requests to simulated actors, and keeps what comes back.</summary>
public sealed class SimulatedUser
{
    private readonly List<object> _messages = [];

    internal SimulatedUser(ActorSystem system, string name) => Ref = system.ActorOf(Props.Create(() => new Inbox(_messages)), name);

    /// <summary>Its address.</summary>
    public IActorRef Ref { get; }

    /// <summary>All that came, in order.</summary>
    public IReadOnlyList<object> Messages => _messages;

    /// <summary>Sends a message in the user's name.</summary>
    public void Tell(IActorRef target, object message)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Tell(message, Ref);
    }

    /// <summary>Whether a message of this type has come.</summary>
    public bool Has<T>() => _messages.Exists(message => message is T);

    private sealed class Inbox(List<object> messages) : UntypedActor
    {
        protected override void OnReceive(object message) => messages.Add(message);
    }
}
