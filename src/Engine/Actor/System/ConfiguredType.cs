using System.Diagnostics.CodeAnalysis;
using Akka.Configuration;

namespace Akka.Actor.Internal;

/// <summary>Finds the classes that users name in the configuration.</summary>
internal static class ConfiguredType
{
    /// <summary>The class that a key names.</summary>
    /// <exception cref="ConfigurationException">There is no such class, or it does not derive from <paramref name="baseType"/>.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2057", Justification = "Only classes that a user names come here, and a trimmed application keeps those it names; the defaults are not found by name.")]
    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public static Type Find(string key, string className, Type baseType)
    {
        Type type = Type.GetType(className)
            ?? throw new ConfigurationException($"{key} names the class '{className}', which is not there: write \"Namespace.Class, Assembly\".");
        return baseType.IsAssignableFrom(type)
            ? type
            : throw new ConfigurationException($"{key} names the class '{className}', which does not derive from {baseType}.");
    }
}
