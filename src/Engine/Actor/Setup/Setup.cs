namespace Akka.Actor.Setup;

/// <summary>A part of what a system is started with, beside its configuration.</summary>
public abstract class Setup
{
    /// <summary>This part and another.</summary>
    public ActorSystemSetup And(Setup other) => ActorSystemSetup.Create(this, other);
}
