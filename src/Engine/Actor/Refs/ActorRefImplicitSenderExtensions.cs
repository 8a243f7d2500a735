namespace Akka.Actor;

/// <summary>Sending with the sender taken from the actor that runs on this thread.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Sends in the name of the running actor, or of nobody outside an actor.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Passes a message on so that the receiver sees the original sender.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Sender);
}
