using System.Reflection;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>Makes configurations from HOCON texts.</summary>
public static class ConfigurationFactory
{
    /// <summary>A configuration without a key.</summary>
    public static Config Empty => Config.Empty;

    /// <summary>Parses a text that has no includes.</summary>
    /// <param name="hocon">The text; JSON is HOCON too.</param>
    /// <returns>The configuration, its substitutions resolved.</returns>
    /// <exception cref="ConfigurationException">The text is malformed, or a substitution has no value.</exception>
    public static Config ParseString(string hocon) => ParseString(hocon, null);

    /// <summary>
    /// Parses a text. Substitutions see the whole text with all that it includes, then environment variables, and are resolved
    /// here: a later <see cref="Config.WithFallback"/> does not change them.
    /// </summary>
    /// <param name="hocon">The text; JSON is HOCON too.</param>
    /// <param name="includeCallback">
    /// Gives the root for the name in an include statement, usually by <see cref="Parser.Parse"/> on a file's text; null, or a
    /// FileNotFoundException or DirectoryNotFoundException, says that there is none.
    /// </param>
    /// <returns>The configuration, its substitutions resolved.</returns>
    /// <exception cref="ConfigurationException">
    /// The text is malformed, a required include is missing, or a substitution has no value.
    /// </exception>
    public static Config ParseString(string hocon, Func<string, HoconRoot?>? includeCallback) =>
        new(Parser.Parse(hocon, includeCallback));

    /// <summary>Parses the text embedded in an assembly.</summary>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="assembly">The assembly that holds it.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">There is no such resource, or its text is malformed.</exception>
    public static Config FromResource(string resourceName, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using Stream stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new ConfigurationException($"{assembly.GetName().Name} has no embedded resource '{resourceName}'.");
        using var reader = new StreamReader(stream);
        HoconRoot root = Parser.Parse(reader.ReadToEnd(), null);
        root.NameSource(resourceName);
        return new Config(root);
    }

    /// <summary>Parses the text embedded in the assembly of <typeparamref name="TAssembly"/>.</summary>
    /// <typeparam name="TAssembly">Any type of the assembly.</typeparam>
    /// <param name="resourceName">The resource's name.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">There is no such resource, or its text is malformed.</exception>
    public static Config FromResource<TAssembly>(string resourceName) => FromResource(resourceName, typeof(TAssembly).Assembly);
}
