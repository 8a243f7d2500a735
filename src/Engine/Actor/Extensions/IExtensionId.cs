namespace Akka.Actor;

/// <summary>Names an extension and makes it.</summary>
public interface IExtensionId
{
    /// <summary>The extension's type.</summary>
    Type ExtensionType { get; }

    /// <summary>The system's extension, made if need be.</summary>
    object Apply(ActorSystem system);

    /// <summary>The system's extension, made if need be.</summary>
    object Get(ActorSystem system);

    /// <summary>Makes the extension. Only the system calls this, once.</summary>
    object CreateExtension(ExtendedActorSystem system);
}

/// <summary>Names an extension of a type and makes it.</summary>
public interface IExtensionId<out T> : IExtensionId
    where T : IExtension
{
    /// <summary>The system's extension, made if need be.</summary>
    new T Apply(ActorSystem system);

    /// <summary>The system's extension, made if need be.</summary>
    new T Get(ActorSystem system);

    /// <summary>Makes the extension. Only the system calls this, once.</summary>
    new T CreateExtension(ExtendedActorSystem system);
}
