using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>
/// The configuration in layers: the defaults of reference.conf, over them a profile file with its includes, over it single keys.
/// Keys under <c>actors</c> are checked against the defaults; the rest, such as <c>akka</c>, is handed on as it is.
/// </summary>
public sealed class LayeredConfiguration
{
    private readonly List<ConfigurationLayer> _layers;

    private LayeredConfiguration(List<ConfigurationLayer> layers)
    {
        _layers = layers;
        Merged = layers[0].Config;
        for (int i = 1; i < layers.Count; i++)
        {
            Merged = layers[i].Config.WithFallback(Merged);
        }
    }

    /// <summary>All layers as one configuration, fit for an actor system.</summary>
    public Config Merged { get; }

    /// <summary>Reads the layers.</summary>
    /// <param name="profile">Path of the profile; null for the defaults alone.</param>
    /// <param name="overrides">Single keys; a later one wins over an earlier one.</param>
    /// <param name="builtIn">Texts that are not read from files: the text of a path, or null.</param>
    /// <exception cref="ConfigurationException">
    /// One line: a file is missing or is no HOCON, or a key under <c>actors</c> is unknown.
    /// </exception>
    public static LayeredConfiguration Load(
        string? profile, IEnumerable<ConfigurationOverride>? overrides = null, Func<string, string?>? builtIn = null)
    {
        ConfigurationLayer reference = ConfigurationLayer.Reference();
        var keys = new KnownKeys(reference.Config);
        List<ConfigurationLayer> layers = [reference];
        if (profile is not null)
        {
            layers.Add(ProfileReader.Read(profile, builtIn));
        }

        layers.AddRange((overrides ?? []).Select(ConfigurationLayer.Of));
        foreach (ConfigurationLayer layer in layers)
        {
            keys.Check(layer);
        }

        return new LayeredConfiguration(layers);
    }

    /// <summary>Where a key got its value: the topmost layer that has it.</summary>
    /// <exception cref="ArgumentException">No layer has the key.</exception>
    public KeyOrigin OriginOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            if (_layers[i].OriginOf(key) is { } origin)
            {
                return origin;
            }
        }

        throw new ArgumentException($"No layer of the configuration has {key}.", nameof(key));
    }
}
