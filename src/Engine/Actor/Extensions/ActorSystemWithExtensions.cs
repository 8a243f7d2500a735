using System.Diagnostics.CodeAnalysis;

namespace Akka.Actor;

/// <summary>Extensions by type.</summary>
public static class ActorSystemWithExtensions
{
    /// <summary>The system's extension of that type, which must have been registered.</summary>
    public static T WithExtension<T>(this ActorSystem system)
        where T : class, IExtension => system.GetExtension<T>();

    /// <summary>The system's extension of that type, made by its id if need be.</summary>
    public static T WithExtension<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TI>(this ActorSystem system)
        where T : class, IExtension
        where TI : IExtensionId =>
        system.HasExtension<T>() ? system.GetExtension<T>() : (T)system.RegisterExtension(Activator.CreateInstance<TI>());
}
