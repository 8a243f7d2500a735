using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Reads a key or the path of a substitution: quoted and unquoted parts, in which an unquoted dot parts the keys.</summary>
internal static class PathExpression
{
    /// <summary>Reads up to a character that belongs to no part. White space between parts counts, around them it does not.</summary>
    public static List<string> Read(HoconScanner scanner, string what)
    {
        var keys = new List<string>();
        var key = new StringBuilder();
        bool quoted = false;
        bool any = false;
        while (true)
        {
            string spaces = scanner.ReadSpaces();
            if (scanner.AtComment)
                break;
            if (scanner.Current == '"')
            {
                key.Append(spaces).Append(scanner.ReadQuoted());
                quoted = any = true;
                continue;
            }

            Place place = scanner.Here;
            string text = scanner.ReadUnquoted();
            if (text.Length == 0)
                break;
            if (any)
                key.Append(spaces);
            any = true;
            AddUnquoted(text, place, keys, key, ref quoted);
        }

        if (!any)
            throw scanner.Unexpected(what);
        if (key.Length == 0 && !quoted)
            throw scanner.Unexpected("a key after '.'; an empty key is written as \"\"");
        keys.Add(key.ToString());
        return keys;
    }

    private static void AddUnquoted(string text, Place place, List<string> keys, StringBuilder key, ref bool quoted)
    {
        int start = 0;
        for (int dot = text.IndexOf('.'); dot >= 0; dot = text.IndexOf('.', start))
        {
            key.Append(text, start, dot - start);
            if (key.Length == 0 && !quoted)
            {
                throw new HoconException(
                    place with { Column = place.Column + dot },
                    "expected a key before '.'; an empty key is written as \"\".");
            }

            keys.Add(key.ToString());
            key.Clear();
            quoted = false;
            start = dot + 1;
        }

        key.Append(text, start, text.Length - start);
    }
}
