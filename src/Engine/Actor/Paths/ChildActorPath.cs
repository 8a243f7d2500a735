namespace Akka.Actor;

/// <summary>The path of an actor below the root.</summary>
public sealed class ChildActorPath : ActorPath
{
    /// <summary>Creates the path of <paramref name="parentPath"/>'s child with that name and incarnation's id.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds a slash.</exception>
    public ChildActorPath(ActorPath parentPath, string name, long uid)
        : base(parentPath.Address, parentPath, Checked(name), uid)
    {
    }

    private static string Checked(string name) =>
        name.Length > 0 && !name.Contains('/', StringComparison.Ordinal)
            ? name
            : throw new ArgumentException($"'{name}' cannot be one name of an actor path: it must not be empty or hold '/'.", nameof(name));
}
