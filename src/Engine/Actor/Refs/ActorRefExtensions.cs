namespace Akka.Actor;

/// <summary>Questions about handles.</summary>
public static class ActorRefExtensions
{
    /// <summary>Whether the handle is null or <see cref="ActorRefs.Nobody"/>.</summary>
    public static bool IsNobody(this IActorRef? actorRef) => actorRef is null or Nobody;

    /// <summary>The handle, or what <paramref name="elseValue"/> makes when it is nobody's.</summary>
    public static IActorRef GetOrElse(this IActorRef? actorRef, Func<IActorRef> elseValue) =>
        actorRef is null or Nobody ? elseValue() : actorRef;
}
