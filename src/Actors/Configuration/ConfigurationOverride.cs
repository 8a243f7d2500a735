using System.Globalization;
using System.Text;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>One key that is set from outside the files, over all of them.</summary>
/// <param name="Origin">What set it, for people, such as <c>--set</c>.</param>
/// <param name="Key">Full key.</param>
/// <param name="Value">Its value as HOCON.</param>
public sealed record ConfigurationOverride(string Origin, string Key, string Value)
{
    /// <summary>Reads <c>key=value</c>; the value is HOCON.</summary>
    /// <exception cref="ConfigurationException">There is no key or no equals sign.</exception>
    public static ConfigurationOverride Parse(string text, string origin = "--set")
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || text[..equals].Trim() is not { Length: > 0 } key)
        {
            throw new ConfigurationException($"{origin} \"{text}\" is not key=value; write it like {origin} actors.training.steps=5.");
        }

        string value = text[(equals + 1)..].Trim();
        return HasSeparator(value)
            ? throw new ConfigurationException(
                $"{origin} {key}={value.ReplaceLineEndings(" ")}: a comma or a line break ends a value; write a decimal point, a list in [ ], or a text "
                + $"in double quotes, and one {origin} for each key.")
            : new ConfigurationOverride(origin, key, value);
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

    /// <summary>Whether the value ends before the text does: HOCON would take the rest for another key.</summary>
    private static bool HasSeparator(string value)
    {
        int depth = 0;
        bool isQuoted = false;
        for (int i = 0; i < value.Length; i++)
        {
            char c = value[i];
            isQuoted ^= c == '"';
            i += isQuoted && c == '\\' ? 1 : 0;
            depth += isQuoted ? 0 : c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            if (!isQuoted && depth <= 0 && c is ',' or '\n' or '\r')
            {
                return true;
            }
        }

        return false;
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
