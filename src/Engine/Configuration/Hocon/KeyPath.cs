using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Where a value stands in its tree, as a chain towards the root, so that a value costs one link and text only in an error.</summary>
internal sealed class KeyPath
{
    private readonly KeyPath? _parent;
    private readonly string? _key;
    private readonly int _index;

    private KeyPath(KeyPath? parent, string? key, int index)
    {
        _parent = parent;
        _key = key;
        _index = index;
    }

    /// <summary>The place of a field in the object at <paramref name="parent"/>.</summary>
    public static KeyPath Field(KeyPath? parent, string key) => new(parent, key, -1);

    /// <summary>The place of an element, counted from 0, in the array at <paramref name="parent"/>.</summary>
    public static KeyPath Element(KeyPath? parent, int index) => new(parent, null, index);

    /// <summary>The keys as a path expression, quoted where they must be.</summary>
    public static string Format(ReadOnlySpan<string> keys)
    {
        var text = new StringBuilder();
        foreach (string key in keys)
        {
            if (text.Length > 0)
                text.Append('.');
            HoconPrinter.AppendKey(text, key);
        }

        return text.ToString();
    }

    /// <summary>Splits a path as a program writes it: dots part keys, quotes protect dots, and every other character is allowed.</summary>
    public static List<string> Split(string path)
    {
        var keys = new List<string>();
        var key = new StringBuilder();
        bool quoted = false;
        foreach (char c in path)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == '.' && !quoted)
            {
                keys.Add(key.ToString());
                key.Clear();
            }
            else
            {
                key.Append(c);
            }
        }

        keys.Add(key.ToString());
        return keys;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text);
        return text.ToString();
    }

    private void Append(StringBuilder text)
    {
        _parent?.Append(text);
        if (_key is null)
        {
            text.Append('[').Append(_index).Append(']');
            return;
        }

        if (text.Length > 0)
            text.Append('.');
        HoconPrinter.AppendKey(text, _key);
    }
}
