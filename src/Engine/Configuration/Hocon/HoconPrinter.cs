using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Writes values as HOCON that parses to the same values.</summary>
internal static class HoconPrinter
{
    /// <summary>The fields of an object, one to a line, without braces.</summary>
    public static string Print(HoconObject tree)
    {
        var text = new StringBuilder();
        AppendFields(text, tree, 0);
        return text.ToString();
    }

    /// <summary>A value; an object without braces.</summary>
    public static string Print(HoconValue value)
    {
        if (value.TryGetObject() is { } tree)
            return Print(tree);
        var text = new StringBuilder();
        AppendValue(text, value, 0);
        return text.ToString();
    }

    /// <summary>A text as an error shows it: in quotes, on one line, and not too long.</summary>
    public static string Quote(string value)
    {
        const int Shown = 80;
        var text = new StringBuilder();
        AppendQuoted(text, value.Length <= Shown ? value : string.Concat(value.AsSpan(0, Shown), "..."));
        return text.ToString();
    }

    /// <summary>A key, in quotes unless it is a plain word.</summary>
    public static void AppendKey(StringBuilder text, string key)
    {
        bool plain = key.Length > 0 && key[0] != '-' && key != "include";
        foreach (char c in key)
            plain &= char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
        if (plain)
            text.Append(key);
        else
            AppendQuoted(text, key);
    }

    /// <summary>A string in quotes.</summary>
    public static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
                text.Append('\\').Append(c);
            else if (c == '\n')
                text.Append("\\n");
            else if (char.IsControl(c) || c is '\u2028' or '\u2029')
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                text.Append(c);
        }

        text.Append('"');
    }

    private static void AppendFields(StringBuilder text, HoconObject tree, int indent)
    {
        foreach ((string key, HoconValue value) in tree.Items)
        {
            text.Append(' ', indent);
            AppendKey(text, key);
            text.Append(value.IsObject() ? " " : " = ");
            AppendValue(text, value, indent);
            text.Append('\n');
        }
    }

    private static void AppendValue(StringBuilder text, HoconValue value, int indent)
    {
        if (value.TryGetObject() is { } tree)
        {
            if (tree.Items.Count == 0)
            {
                text.Append("{}");
                return;
            }

            text.Append("{\n");
            AppendFields(text, tree, indent + 2);
            text.Append(' ', indent).Append('}');
        }
        else if (value.TryGetElements() is { } elements)
        {
            text.Append('[');
            for (int i = 0; i < elements.Count; i++)
            {
                if (i > 0)
                    text.Append(", ");
                AppendValue(text, elements[i], indent);
            }

            text.Append(']');
        }
        else if (value.GetString() is not { } literal)
        {
            text.Append("null");
        }
        else if (value.Quoted)
        {
            AppendQuoted(text, literal);
        }
        else
        {
            text.Append(literal);
        }
    }
}
