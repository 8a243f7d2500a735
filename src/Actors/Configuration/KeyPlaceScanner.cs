using System.Text;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Finds the lines on which the keys of a HOCON text stand, which the public API of a parsed configuration does not tell. The text
/// has been parsed before, so that this only follows its shape: keys, braces, strings and comments.
/// </summary>
internal sealed class KeyPlaceScanner(string text, Action<string, int> key, Action<string, string, int> include)
{
    private int _at;
    private int _line = 1;

    private char Current => _at < text.Length ? text[_at] : '\0';

    private bool AtEnd => _at >= text.Length;

    /// <summary>
    /// Calls back for every key with a value of its own (key, line) and every include (enclosing key, name, line), in order.
    /// </summary>
    /// <param name="prefix">The key of the object that the text stands in, or an empty text.</param>
    public void Scan(string prefix)
    {
        SkipBlank();
        if (Current == '{')
        {
            Advance();
        }

        ScanObject(prefix);
    }

    private void ScanObject(string prefix)
    {
        while (true)
        {
            SkipBlank();
            if (AtEnd)
            {
                return;
            }

            if (Current == '}')
            {
                Advance();
                return;
            }

            ScanField(prefix);
        }
    }

    private void ScanField(string prefix)
    {
        int line = _line;
        string name = ReadKey(out bool isInclude);
        if (isInclude)
        {
            SkipTo('"');
            include(prefix, ReadQuoted(), line);
            SkipValue(null);
            return;
        }

        string path = prefix.Length == 0 ? name : $"{prefix}.{name}";
        SkipBlank(commas: false);
        if (Current == '+')
        {
            Advance();
        }

        if (Current is '=' or ':')
        {
            Advance();
            SkipBlank(commas: false);
        }

        if (Current != '{')
        {
            key(path, line);
        }

        SkipValue(path);
    }

    private string ReadKey(out bool isInclude)
    {
        var name = new StringBuilder();
        isInclude = false;
        while (!AtEnd && Current is not ('=' or ':' or '{' or '}' or '+' or '\n' or ',' or '#'))
        {
            if (Current == '"')
            {
                name.Append(ReadQuoted());
                continue;
            }

            name.Append(Current);
            Advance();
            if (name.ToString().TrimStart() == "include" && Current is ' ' or '\t' && StartsInclude())
            {
                isInclude = true;
                return "";
            }
        }

        if (name.Length == 0)
        {
            Advance();
        }

        return name.ToString().Trim();
    }

    private bool StartsInclude()
    {
        ReadOnlySpan<char> rest = text.AsSpan(_at).TrimStart();
        return rest.StartsWith("\"") || rest.StartsWith("file(") || rest.StartsWith("required(");
    }

    /// <summary>Goes past a value; objects in it are scanned as parts of <paramref name="path"/>.</summary>
    private void SkipValue(string? path)
    {
        int lists = 0;
        while (!AtEnd)
        {
            switch (Current)
            {
                case '\n' or ',' when lists == 0:
                case '}' when lists == 0:
                    return;
                case '#':
                    SkipTo('\n');
                    break;
                case '/' when Next == '/':
                    SkipTo('\n');
                    break;
                case '"':
                    ReadQuoted();
                    break;
                case '$' when Next == '{':
                    SkipTo('}');
                    Advance();
                    break;
                case '{' when lists == 0 && path is not null:
                    Advance();
                    ScanObject(path);
                    break;
                default:
                    lists += Current switch { '[' or '{' => 1, ']' or '}' => -1, _ => 0 };
                    Advance();
                    break;
            }
        }
    }

    private char Next => _at + 1 < text.Length ? text[_at + 1] : '\0';

    private string ReadQuoted()
    {
        if (text.AsSpan(_at).StartsWith("\"\"\""))
        {
            int end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
            return Take(3, end < 0 ? text.Length : end, 3);
        }

        int close = _at + 1;
        while (close < text.Length && text[close] is not ('"' or '\n'))
        {
            close += text[close] == '\\' ? 2 : 1;
        }

        return Take(1, Math.Min(close, text.Length), 1);
    }

    private string Take(int open, int end, int close)
    {
        string content = text[Math.Min(_at + open, end)..end];
        for (int stop = Math.Min(end + close, text.Length); _at < stop;)
        {
            Advance();
        }

        return content;
    }

    private void SkipBlank(bool commas = true)
    {
        while (!AtEnd)
        {
            if (Current == '#' || (Current == '/' && Next == '/'))
            {
                SkipTo('\n');
            }
            else if (char.IsWhiteSpace(Current) || (commas && Current == ',') || Current == '\uFEFF')
            {
                Advance();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipTo(char stop)
    {
        while (!AtEnd && Current != stop)
        {
            Advance();
        }
    }

    private void Advance()
    {
        if (Current == '\n')
        {
            _line++;
        }

        _at++;
    }
}
