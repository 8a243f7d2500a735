namespace Akka.Actor;

/// <summary>The context of an <see cref="UntypedActor"/>, whose behaviours answer nothing.</summary>
public interface IUntypedActorContext : IActorContext
{
    /// <summary>Replaces the behaviour on top of the stack.</summary>
    void Become(UntypedReceive receive);

    /// <summary>Puts a behaviour on the stack.</summary>
    void BecomeStacked(UntypedReceive receive);
}
