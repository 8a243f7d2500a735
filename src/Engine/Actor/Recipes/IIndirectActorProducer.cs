namespace Akka.Actor;

/// <summary>Makes an actor's instances, such as from a container.</summary>
public interface IIndirectActorProducer
{
    /// <summary>The type of the instances.</summary>
    Type ActorType { get; }

    /// <summary>Makes an instance.</summary>
    ActorBase Produce();

    /// <summary>An instance is not needed any more.</summary>
    void Release(ActorBase actor);
}
