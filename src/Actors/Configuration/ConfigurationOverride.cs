using System.Globalization;
using System.Text;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>One key that is set from outside the files, over all of them.</summary>
/// <param name="Origin">What set it, for people, such as <c>--set</c>.</param>
/// <param name="Key">Full key.</param>
/// <param name="Value">
/// Its value. One that begins with a bracket, a brace or a double quote, or has a substitution, is HOCON; any other is meant literally.
/// </param>
public sealed record ConfigurationOverride(string Origin, string Key, string Value)
{
    /// <summary>Reads <c>key=value</c>, or <c>key+=value</c>, which adds to a list.</summary>
    /// <exception cref="ConfigurationException">There is no key or no equals sign.</exception>
    public static ConfigurationOverride Parse(string text, string origin = "--set")
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || text[..equals].Trim() is not { Length: > 0 } key)
        {
            throw new ConfigurationException($"{origin} \"{text}\" is not key=value; write it like {origin} actors.training.steps=5.");
        }

        return new ConfigurationOverride(origin, key, text[(equals + 1)..].Trim());
    }

    /// <summary>Sets a whole number.</summary>
    public static ConfigurationOverride Of(string origin, string key, long value) =>
        new(origin, key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sets a number.</summary>
    public static ConfigurationOverride Of(string origin, string key, double value) =>
        new(origin, key, value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Sets a text, whatever characters it has.</summary>
    public static ConfigurationOverride Of(string origin, string key, string value) => new(origin, key, Quoted(value));

    /// <summary>Sets a list of texts.</summary>
    public static ConfigurationOverride Of(string origin, string key, IEnumerable<string> values) =>
        new(origin, key, $"[{string.Join(", ", values.Select(Quoted))}]");

    /// <summary>Takes the override apart.</summary>
    /// <exception cref="ConfigurationException">Its key or value is no HOCON.</exception>
    internal void Scan(Action<Assignment> add)
    {
        bool isHocon = Value is ['[' or '{' or '"', ..] || Value.Contains("${", StringComparison.Ordinal);
        string text = $"{Key}={(isHocon ? Value : Quoted(Value))}";
        new HoconScanner(text, $"{Origin} {Key}={Value}", add, include: null).ScanOption(new KeyOrigin(Origin, 0));
    }

    /// <summary>Refuses a key outside of the runtime's and Akka.NET's sections that nothing refers to.</summary>
    internal void CheckRoot(KnownKeys keys, IReadOnlySet<string> used)
    {
        string root = KnownKeys.RootOf(Key.Trim('"'));
        if (root is not ("actors" or "akka") && !used.Contains(root))
        {
            throw new ConfigurationException(
                $"{Origin} {Key}: keys begin with \"actors.\"; write {Origin} {NearestKey.To(Key, keys.All)}={Value}.");
        }
    }

    /// <summary>A text as a quoted HOCON string.</summary>
    internal static string Quoted(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                < ' ' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
