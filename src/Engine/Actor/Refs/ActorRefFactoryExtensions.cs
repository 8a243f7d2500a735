using System.Diagnostics.CodeAnalysis;

namespace Akka.Actor;

/// <summary>Shorter ways to make actors and selections.</summary>
public static class ActorRefFactoryExtensions
{
    /// <summary>Creates an actor of a type that has a constructor without parameters.</summary>
    public static IActorRef ActorOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(
        this IActorRefFactory factory, string? name = null)
        where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);

    /// <summary>A selection by a path relative to <paramref name="anchorRef"/>.</summary>
    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return new ActorSelection(anchorRef, actorPath);
    }
}
