namespace Akka.Actor;

/// <summary>The path at the top of an actor system's tree.</summary>
public sealed class RootActorPath : ActorPath
{
    /// <summary>Creates the root path of the system at <paramref name="address"/>.</summary>
    public RootActorPath(Address address, string name = "")
        : base(address, null, name, 0)
    {
    }
}
