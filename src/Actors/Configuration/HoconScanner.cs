using System.Globalization;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Takes a HOCON text apart into assignments, each with its line, and refuses what HOCON does not allow. Akka.NET's parser can't do
/// either: it knows no lines, and reads past what it doesn't understand, such as a brace that nobody closes.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="source">The file, or the option with its text, for errors.</param>
/// <param name="add">Takes an assignment, in the order of the text.</param>
/// <param name="include">Takes an include: its name and the section that it stands in. Null: there are none.</param>
internal sealed partial class HoconScanner(string text, string source, Action<Assignment> add, Action<string, string>? include)
{
    private const int MaxDepth = 64;
    private const string NotUnquoted = "$\"{}[]:=,#`^?!@*&\\";

    private string _prefix = "";
    private int _at;
    private int _depth;
    private int _list = -1;
    private int _line = 1;
    private int _lineAt;

    private bool AtEnd => _at >= text.Length;

    private char Current => AtEnd ? '\0' : text[_at];

    private bool AtComment => Current == '#' || StartsWith("//");

    private bool AtValueEnd => AtEnd || Current is '\n' or ',' or '}' or ']' || AtComment;

    /// <summary>Scans a whole file.</summary>
    /// <param name="prefix">The section that includes it, or an empty text.</param>
    public void ScanFile(string prefix)
    {
        _prefix = prefix;
        SkipBlank();
        if (Current == '{')
        {
            ScanObject(prefix);
            SkipBlank();
        }
        else
        {
            ScanFields(prefix);
        }

        if (!AtEnd)
        {
            throw Error(_at, $"{Found} closes nothing, or follows the end of the outermost object");
        }
    }

    /// <summary>Scans one <c>key = value</c>, which an option gives.</summary>
    public void ScanOption(KeyOrigin origin)
    {
        ScanField("", origin);
        SkipBlank();
        if (!AtEnd)
        {
            throw Unexpected("the end of the value");
        }
    }

    /// <summary>Returns whether there was a key or an include.</summary>
    private bool ScanFields(string prefix)
    {
        SkipBlank();
        bool any = false;
        while (!AtEnd && Current != '}')
        {
            any = true;
            if (!TryInclude(prefix))
            {
                ScanField(prefix, null);
            }

            SkipSeparator('}');
        }

        return any;
    }

    private bool ScanObject(string prefix)
    {
        int opener = Open();
        bool any = ScanFields(prefix);
        Close('}', opener);
        return any;
    }

    private void ScanField(string prefix, KeyOrigin? fixedOrigin)
    {
        int start = _at;
        string path = ReadPath();
        string key = prefix.Length == 0 ? path : $"{prefix}.{path}";
        KeyOrigin origin = fixedOrigin ?? new KeyOrigin(source, LineAt(start));
        int end = _at;
        SkipBlank();
        bool appends = StartsWith("+=");
        if (!appends && Current is not ('=' or ':' or '{'))
        {
            throw Error(end, DecimalComma(start, path) ?? $"the key {path} has no value: \"=\", \":\" or \"{{\" is expected, not {Found}");
        }

        if (Current != '{')
        {
            _at += appends ? 2 : 1;
        }

        ScanValue(key, origin, appends);
    }

    /// <summary>What to write where a decimal comma has cut a number in two.</summary>
    private string? DecimalComma(int start, string path)
    {
        int comma = start - 1;
        int first = comma;
        while (first > 0 && char.IsAsciiDigit(text[first - 1]))
        {
            first--;
        }

        return first < comma && text[comma] == ',' && char.IsAsciiDigit(path[0])
            ? $"\"{text[first..comma]},{path}\" are two values; write {text[first..comma]}.{path}, with a point"
            : null;
    }

    private bool TryInclude(string prefix)
    {
        int start = _at;
        if (!Accept("include") || !char.IsWhiteSpace(Current))
        {
            _at = start;
            return false;
        }

        SkipSpaces();
        int parentheses = 0;
        while (Accept("required(") || Accept("file("))
        {
            parentheses++;
            SkipSpaces();
        }

        if (StartsWith("url(") || StartsWith("classpath(") || StartsWith("package("))
        {
            throw Error(_at, "only files can be included");
        }

        if (Current != '"')
        {
            if (parentheses == 0)
            {
                _at = start;
                return false;
            }

            throw Unexpected("the name of a file in double quotes");
        }

        string name = ReadQuoted();
        for (; parentheses > 0; parentheses--)
        {
            SkipSpaces();
            if (!Accept(")"))
            {
                throw Unexpected("\")\"");
            }
        }

        if (include is null)
        {
            throw Error(start, "a file can be included from a profile only");
        }

        include(name, prefix);
        return true;
    }

    /// <summary>A comma, a new line or both, and what is blank around them.</summary>
    private void SkipSeparator(char closer)
    {
        int start = _at;
        SkipBlank();
        bool isNewLine = text.AsSpan(start, _at - start).Contains('\n');
        if (Current == ',')
        {
            _at++;
            SkipBlank();
        }
        else if (!isNewLine && !AtEnd && Current != closer)
        {
            throw Unexpected("a comma or a new line");
        }
    }

    private string Found => AtEnd ? "the end" : char.IsControl(Current)
        ? string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)Current:X4}")
        : $"\"{Current}\"";

    private int Open()
    {
        if (++_depth > MaxDepth)
        {
            throw Error(_at, $"more than {MaxDepth} braces and brackets are open");
        }

        return _at++;
    }

    private void Close(char closer, int opener)
    {
        if (Current != closer)
        {
            throw Error(opener, $"\"{text[opener]}\" is never closed: \"{closer}\" is expected before {Found}");
        }

        _at++;
        _depth--;
    }

    private bool StartsWith(string word) => text.AsSpan(Math.Min(_at, text.Length)).StartsWith(word, StringComparison.Ordinal);

    private bool Accept(string word)
    {
        bool found = StartsWith(word);
        _at += found ? word.Length : 0;
        return found;
    }

    private void SkipSpaces()
    {
        while (!AtEnd && Current != '\n' && (char.IsWhiteSpace(Current) || Current == '\uFEFF'))
        {
            _at++;
        }
    }

    private void SkipBlank()
    {
        for (SkipSpaces(); !AtEnd && (Current == '\n' || AtComment); SkipSpaces())
        {
            if (Current == '\n')
            {
                _at++;
                continue;
            }

            if (include is null)
            {
                throw Error(_at, "a comment begins here; put a text with \"#\" or \"//\" in double quotes");
            }

            int end = text.IndexOf('\n', _at);
            _at = end < 0 ? text.Length : end;
        }
    }

    private int LineAt(int at)
    {
        _line += text.AsSpan(_lineAt, at - _lineAt).Count('\n');
        _lineAt = at;
        return _line;
    }

    private ConfigurationException Unexpected(string expected) => Error(_at, $"{expected} is expected, not {Found}");

    private ConfigurationException Error(int at, string reason)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, Math.Min(at, text.Length));
        int column = before.Length - before.LastIndexOf('\n');
        string line = include is null ? "" : string.Create(CultureInfo.InvariantCulture, $"line {before.Count('\n') + 1}, ");
        return new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{source}, {line}column {column}: {reason}."));
    }
}
