using System.Globalization;
using System.Text;

namespace Actors.Runtime.Configuration;

/// <content>Values, keys and quoted texts.</content>
internal sealed partial class HoconScanner
{
    /// <summary>Objects in a value become assignments of their own, before or after the rest of it.</summary>
    private void ScanValue(string key, KeyOrigin origin, bool appends)
    {
        SkipBlank();
        var parts = new List<ValuePart>();
        bool hasObject = false;
        for (; Current == '{' || !AtValueEnd; SkipSpaces())
        {
            int start = _at;
            if (Current == '{')
            {
                hasObject = true;
                CheckParts(start);
                Flush();
                if (!ScanObject(key))
                {
                    add(new Assignment(key, [new EmptyObjectPart()], origin));
                }
            }
            else
            {
                AddPart(parts);
                CheckParts(start);
            }
        }

        if (parts.Count == 0 && !hasObject)
        {
            throw Unexpected($"the value of {key}");
        }

        if (appends)
        {
            parts = [new SubstitutionPart(key, "", IsOptional: true), new ListPart([parts])];
        }

        Flush();

        void CheckParts(int at)
        {
            if (hasObject && (appends || parts.Exists(part => part is not (SubstitutionPart or TextPart { IsBlank: true }))))
            {
                throw Error(at, $"{key} can't be an object and something else at once");
            }
        }

        void Flush()
        {
            if (parts.Count > 0)
            {
                add(new Assignment(key, parts, origin));
            }

            parts = [];
        }
    }

    private void AddPart(List<ValuePart> parts)
    {
        int blank = _at;
        while (blank > 0 && text[blank - 1] is ' ' or '\t')
        {
            blank--;
        }

        if (parts.Count > 0 && blank < _at)
        {
            parts.Add(new TextPart(text[blank.._at], IsBlank: true));
        }

        parts.Add(Current switch
        {
            '"' when StartsWith("\"\"\"") => new TextPart(ReadTripleQuoted()),
            '"' => new TextPart(ReadQuoted()),
            '[' => ReadList(),
            '$' when StartsWith("${") => ReadSubstitution(),
            _ => new TextPart(ReadUnquoted()),
        });
    }

    private ListPart ReadList()
    {
        int outer = _list;
        int opener = _list = Open();
        var elements = new List<IReadOnlyList<ValuePart>>();
        SkipBlank();
        while (!AtEnd && Current is not (']' or '}'))
        {
            var element = new List<ValuePart>();
            for (; !AtValueEnd; SkipSpaces())
            {
                if (Current == '{')
                {
                    throw Error(_at, "no setting takes a list of objects");
                }

                AddPart(element);
            }

            if (element.Count == 0)
            {
                throw Unexpected("an element of the list");
            }

            elements.Add(element);
            int start = _at;
            SkipBlank();
            bool isNewLine = text.AsSpan(start, _at - start).Contains('\n');
            if (Current == ',' || isNewLine)
            {
                _at += Current == ',' ? 1 : 0;
                SkipBlank();
            }
            else
            {
                break;
            }
        }

        Close(']', opener);
        _list = outer;
        return new ListPart(elements);
    }

    private SubstitutionPart ReadSubstitution()
    {
        int opener = _at;
        _at += 2;
        bool isOptional = Accept("?");
        string path = ReadPath();
        if (!Accept("}"))
        {
            throw Error(opener, $"\"${{\" is never closed: \"}}\" is expected before {Found}");
        }

        return new SubstitutionPart(path, _prefix, isOptional);
    }

    private string ReadUnquoted()
    {
        int start = _at;
        while (!AtEnd && !char.IsWhiteSpace(Current) && !AtComment && !NotUnquoted.Contains(Current, StringComparison.Ordinal))
        {
            _at++;
        }

        string word = text[start.._at];
        bool isPath = word.Contains('/', StringComparison.Ordinal)
            || (StartsWith("//") && word.Length > 0 && !NumberText.TryNumber(word, out _));
        if (AtComment && isPath)
        {
            throw Error(_at, "a comment begins here; put the text in double quotes, or a space before the comment");
        }

        if (AtValueEnd || char.IsWhiteSpace(Current) || Current is '"' or '[' or '{' || StartsWith("${"))
        {
            return word;
        }

        if (_list >= 0 && Current == '=')
        {
            Close(']', _list);
        }

        throw Error(_at, $"{Found} can't stand in a text without quotes; put the text in double quotes, or begin a new line");
    }

    /// <summary>A key, as a rule with points; each part may stand in quotes.</summary>
    private string ReadPath()
    {
        var path = new StringBuilder();
        while (true)
        {
            path.Append(ReadName());
            if (Current != '.')
            {
                return path.ToString();
            }

            path.Append('.');
            _at++;
        }
    }

    private string ReadName()
    {
        var name = new StringBuilder();
        bool isQuoted = false;
        int start = _at;
        for (; !AtEnd && !AtComment && Current is not ('.' or '=' or ':' or '{' or '}' or ']' or ',' or '\n') && !StartsWith("+="); _at++)
        {
            if (Current == '"')
            {
                name.Append(ReadQuoted());
                _at--;
                isQuoted = true;
            }
            else if (NotUnquoted.Contains(Current, StringComparison.Ordinal))
            {
                throw Error(_at, $"{Found} can't stand in a key; put the key in double quotes");
            }
            else if (!char.IsWhiteSpace(Current) || (name.Length > 0 && !isQuoted))
            {
                name.Append(Current);
            }
        }

        string found = isQuoted ? name.ToString() : name.ToString().TrimEnd();
        if (found.Length == 0 && !isQuoted)
        {
            throw _at > start || Current == '.' ? Error(_at, "a part of the key is empty") : Unexpected("a key");
        }

        bool isPlain = found.Length > 0 && found.All(c => char.IsLetterOrDigit(c) || c is '-' or '_');
        return isPlain ? found : ConfigurationOverride.Quoted(found);
    }

    private string ReadTripleQuoted()
    {
        int opener = _at;
        int end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error(opener, "three double quotes are never closed");
        }

        // More quotes than three at the end belong to the text.
        while (end + 3 < text.Length && text[end + 3] == '"')
        {
            end++;
        }

        _at = end + 3;
        return text[(opener + 3)..end];
    }

    private string ReadQuoted()
    {
        int opener = _at++;
        var content = new StringBuilder();
        for (; Current != '"'; _at++)
        {
            if (AtEnd || Current == '\n')
            {
                throw Error(opener, "a double quote is never closed");
            }

            content.Append(Current == '\\' ? ReadEscape() : Current);
        }

        _at++;
        return content.ToString();
    }

    private char ReadEscape()
    {
        int start = _at++;
        bool isCode = text.Length - _at > 4
            & ushort.TryParse(text.AsSpan(Math.Min(_at + 1, text.Length)) is { Length: >= 4 } rest ? rest[..4] : "",
                NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code);
        switch (Current)
        {
            case '"' or '\\' or '/':
                return Current;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when isCode:
                _at += 4;
                return (char)code;
            default:
                throw Error(start, "a backslash begins no known escape; write two backslashes for one");
        }
    }
}
