using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Actors.Runtime.Configuration;

/// <summary>The keys of reference.conf: a layer may set these and no others under <c>actors</c>.</summary>
internal sealed class KnownKeys
{
    private const string Root = "actors";

    private readonly List<string> _keys = [];
    private readonly HashSet<string> _known;

    public KnownKeys(Config reference)
    {
        if (reference.GetValue(Root) is { } root)
        {
            Collect(root, Root, _keys);
        }

        _known = [.. _keys];
    }

    /// <summary>All keys, in the order of reference.conf.</summary>
    public IReadOnlyList<string> All => _keys;

    /// <summary>Refuses keys that do not exist.</summary>
    /// <exception cref="ConfigurationException">Names the key, where it stands and the nearest key that exists.</exception>
    public void Check(ConfigurationLayer layer)
    {
        if (layer.Config.GetValue(Root) is not { } root)
        {
            return;
        }

        var keys = new List<string>();
        Collect(root, Root, keys);
        foreach (string key in keys.Where(key => !_known.Contains(key)))
        {
            KeyOrigin place = layer.Places?.Find(key) ?? new KeyOrigin(layer.Name, 0);
            throw new ConfigurationException($"{Problem(key)} ({place}).");
        }
    }

    private string Problem(string key)
    {
        if (_keys.Find(known => key.StartsWith(known + ".", StringComparison.Ordinal)) is { } value)
        {
            return $"{key} does not exist, because {value} takes a value and has no keys inside";
        }

        return _keys.Find(known => known.StartsWith(key + ".", StringComparison.Ordinal)) is { } inside
            ? $"{key} is a section and takes no value: set a key inside it, such as {inside}"
            : $"{key} does not exist: did you mean {NearestKey.To(key, _keys)}?";
    }

    private static void Collect(HoconValue value, string path, List<string> keys)
    {
        if (!value.IsObject())
        {
            keys.Add(path);
            return;
        }

        foreach ((string key, HoconValue child) in value.GetObject()!.Items)
        {
            Collect(child, $"{path}.{key}", keys);
        }
    }
}
