using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>
/// The configuration in layers: the defaults of reference.conf, over them a profile file with its includes, over it single keys.
/// Keys under <c>actors</c> are checked against the defaults; the rest, <c>akka</c>, is handed on as it is.
/// </summary>
public sealed class LayeredConfiguration
{
    private const string Resource = "Actors.Runtime.reference.conf";

    private readonly IReadOnlyDictionary<string, Assignment> _values;

    private LayeredConfiguration(IReadOnlyDictionary<string, Assignment> values)
    {
        _values = values;
        Merged = ConfigurationFactory.ParseString(string.Concat(values.Values.Select(
            line => $"{line.Key} = {string.Concat(line.Value.Select(part => part.Text))}\n")));
    }

    /// <summary>All layers as one configuration, fit for an actor system.</summary>
    public Config Merged { get; }

    /// <summary>Reads the layers.</summary>
    /// <param name="profile">Path of the profile; null for the defaults alone.</param>
    /// <param name="overrides">Single keys; a later one wins over an earlier one.</param>
    /// <param name="read">The text of a profile by its path, null where it does not exist; files unless given.</param>
    /// <exception cref="ConfigurationException">
    /// One line: a file is missing or is no HOCON, or a key under <c>actors</c> is unknown.
    /// </exception>
    public static LayeredConfiguration Load(
        string? profile, IEnumerable<ConfigurationOverride>? overrides = null, Func<string, string?>? read = null)
    {
        List<Assignment> lines = Reference();
        var keys = new KnownKeys(lines.Select(line => line.Key));
        if (profile is not null)
        {
            new ProfileReader(read ?? ProfileFile.Read, lines.Add).Read(profile);
        }

        ConfigurationOverride[] options = [.. overrides ?? []];
        foreach (ConfigurationOverride option in options)
        {
            option.Scan(lines.Add);
        }

        HashSet<string> used = [.. lines.SelectMany(line => line.Value).SelectMany(part => part.Substitutions)
            .Select(part => KnownKeys.RootOf(part.Path))];
        Array.ForEach(options, option => option.CheckRoot(keys, used));
        var resolver = new SubstitutionResolver(lines);
        foreach (Assignment line in resolver.Expanded)
        {
            keys.Check(line, used);
        }

        return new LayeredConfiguration(resolver.Resolve());
    }

    /// <summary>Where a key got its value: the topmost layer that has it.</summary>
    /// <exception cref="ArgumentException">No layer has the key.</exception>
    public KeyOrigin OriginOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _values.TryGetValue(key, out Assignment? line)
            ? line.Origin
            : throw new ArgumentException($"No layer of the configuration has {key}.", nameof(key));
    }

    /// <summary>The text of reference.conf: every key of the runtime with its default and a comment.</summary>
    public static string ReferenceText()
    {
        using Stream stream = typeof(LayeredConfiguration).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly has no embedded resource '{Resource}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The defaults: every key of the runtime.</summary>
    internal static List<Assignment> Reference()
    {
        List<Assignment> lines = [];
        new ProfileReader(_ => ReferenceText(), lines.Add).Read(KeyOrigin.Defaults);
        return lines;
    }
}
