namespace Akka.Actor;

/// <summary>What extensions see of a system.</summary>
public abstract class ExtendedActorSystem : ActorSystem
{
    private protected ExtendedActorSystem()
    {
    }

    /// <summary>Makes an actor of the system itself, below <c>/system</c>; such actors end after all user actors.</summary>
    public abstract IActorRef SystemActorOf(Props props, string? name = null);
}
