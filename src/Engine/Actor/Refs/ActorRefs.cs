namespace Akka.Actor;

/// <summary>Handles with a meaning of their own.</summary>
public static class ActorRefs
{
    /// <summary>The handle of no actor, as an answer to "who is there?".</summary>
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>Null, as the sender of a message that wants no answer.</summary>
    public static readonly IActorRef? NoSender;
}
