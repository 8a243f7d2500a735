using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>The keys of reference.conf: a layer may set these and no others under <c>actors</c>.</summary>
internal sealed class KnownKeys(IEnumerable<string> reference)
{
    private readonly List<string> _keys = [.. reference];

    /// <summary>All keys, in the order of reference.conf.</summary>
    public IReadOnlyList<string> All => _keys;

    /// <summary>Refuses an assignment to a key that does not exist.</summary>
    /// <param name="line">The assignment.</param>
    /// <param name="used">Outermost names that substitutions refer to: these may stand beside <c>actors</c> and <c>akka</c>.</param>
    /// <exception cref="ConfigurationException">Names the key, where it stands and the nearest key that exists.</exception>
    public void Check(Assignment line, IReadOnlySet<string> used)
    {
        string root = RootOf(line.Key);
        if (root != "actors")
        {
            if (root != "akka" && !used.Contains(root))
            {
                throw new ConfigurationException(
                    $"{line.Key} does not exist: keys begin with \"actors.\" or \"akka.\"; did you mean {NearestKey.To(line.Key, _keys)}? "
                    + $"({line.Origin}).");
            }

            return;
        }

        bool isSection = _keys.Exists(known => Assignment.IsInside(known, line.Key));
        if (isSection ? !line.IsEmptyObject && line.SoleSubstitution is not { IsOptional: true } : !_keys.Contains(line.Key))
        {
            throw new ConfigurationException($"{Problem(line.Key)} ({line.Origin}).");
        }

        if (line.IsEmptyObject && !isSection)
        {
            throw new ConfigurationException($"{line.Key} takes a value and has no keys inside ({line.Origin}).");
        }
    }

    /// <summary>The outermost part of a key.</summary>
    public static string RootOf(string key)
    {
        int end = key.StartsWith('"') ? key.IndexOf("\".", StringComparison.Ordinal) + 1 : key.IndexOf('.', StringComparison.Ordinal);
        return end > 0 ? key[..end] : key;
    }

    private string Problem(string key)
    {
        if (_keys.Find(known => Assignment.IsInside(key, known)) is { } value)
        {
            return $"{key} does not exist, because {value} takes a value and has no keys inside";
        }

        return _keys.Find(known => Assignment.IsInside(known, key)) is { } inside
            ? $"{key} is a section and takes no value: set a key inside it, such as {inside}"
            : $"{key} does not exist: did you mean {NearestKey.To(key, _keys)}?";
    }
}
