using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Reads a text's smallest parts, white space, comments, strings, unquoted text, and knows the place of each.</summary>
internal sealed class HoconScanner(SourceText source, string text)
{
    /// <summary>What <see cref="Current"/> is after the last character.</summary>
    public const char End = '\0';

    private const string Forbidden = "$\"{}[]:=,+#`^?!@*&\\";
    private int _position;
    private int _line = 1;
    private int _lineStart;

    public Place Here => new(source, _line, _position - _lineStart + 1);

    public bool AtEnd => _position >= text.Length;

    public char Current => Peek(0);

    public char Peek(int ahead) => _position + ahead < text.Length ? text[_position + ahead] : End;

    public bool AtComment => Current == '#' || (Current == '/' && Peek(1) == '/');

    /// <summary>Steps over one character that is not a newline.</summary>
    public void Skip() => _position++;

    /// <summary>Steps over the character if it is the current one.</summary>
    public bool TrySkip(char c)
    {
        if (AtEnd || text[_position] != c)
            return false;
        _position++;
        return true;
    }

    /// <summary>Steps over white space, newlines and comments; says whether a newline was among them.</summary>
    public bool SkipBlank()
    {
        bool newline = false;
        while (!AtEnd)
        {
            if (text[_position] == '\n')
            {
                newline = true;
                StepOverNewline();
            }
            else if (IsSpace(text[_position]))
            {
                _position++;
            }
            else if (AtComment)
            {
                int end = text.IndexOf('\n', _position);
                _position = end < 0 ? text.Length : end;
            }
            else
            {
                break;
            }
        }

        return newline;
    }

    /// <summary>Reads white space up to a newline.</summary>
    public string ReadSpaces()
    {
        int start = _position;
        while (!AtEnd && text[_position] != '\n' && IsSpace(text[_position]))
            _position++;
        return text[start.._position];
    }

    /// <summary>Reads unquoted text; empty when the current character can't begin one. A number's sign in an exponent belongs to it.</summary>
    public string ReadUnquoted()
    {
        int start = _position;
        _position = EndOfNumber(_position);
        while (!AtEnd && !IsSpace(text[_position]) && !Forbidden.Contains(text[_position]) && !AtComment)
            _position++;
        return text[start.._position];
    }

    /// <summary>Reads a quoted or triple-quoted string whose first quote is the current character.</summary>
    public string ReadQuoted()
    {
        Place start = Here;
        if (Peek(1) == '"' && Peek(2) == '"')
            return ReadTripleQuoted(start);
        _position++;
        int run = _position;
        StringBuilder? escaped = null;
        while (true)
        {
            if (AtEnd || text[_position] == '\n')
                throw new HoconException(start, "this string has no closing quote on its line; close it, or use \"\"\" for several lines.");
            char c = text[_position];
            if (c == '"')
            {
                string last = text[run.._position++];
                return escaped is null ? last : escaped.Append(last).ToString();
            }

            if (c < ' ')
                throw new HoconException(Here, $"a quoted string can't hold the control character U+{(int)c:X4}; write it as \\u{(int)c:x4}.");
            if (c == '\\')
            {
                escaped ??= new StringBuilder();
                escaped.Append(text, run, _position - run).Append(ReadEscape());
                run = _position;
            }
            else
            {
                _position++;
            }
        }
    }

    /// <summary>The error for a text that goes on otherwise than it should.</summary>
    public HoconException Unexpected(string expected)
    {
        string found = AtEnd ? "the end of the text" : Current == '\n' ? "the end of the line"
            : char.IsControl(Current) ? $"the character U+{(int)Current:X4}" : $"'{Current}'";
        return new HoconException(Here, $"expected {expected}, but found {found}.");
    }

    private static bool IsSpace(char c) => c switch
    {
        >= '\t' and <= '\r' or >= '\u001c' and <= ' ' or '\u00a0' or '\ufeff' => true,
        < '\u0080' => false,
        _ => char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator,
    };

    private void StepOverNewline()
    {
        _position++;
        _line++;
        _lineStart = _position;
    }

    private int EndOfNumber(int from)
    {
        int i = from;
        if (At(i) == '-')
            i++;
        int digits = i;
        while (char.IsAsciiDigit(At(i)))
            i++;
        if (i == digits)
            return from;
        if (At(i) == '.' && char.IsAsciiDigit(At(i + 1)))
        {
            i++;
            while (char.IsAsciiDigit(At(i)))
                i++;
        }

        if (At(i) is not ('e' or 'E'))
            return i;
        int exponent = At(i + 1) is '+' or '-' ? i + 2 : i + 1;
        if (!char.IsAsciiDigit(At(exponent)))
            return i;
        while (char.IsAsciiDigit(At(exponent)))
            exponent++;
        return exponent;
    }

    private char At(int index) => index < text.Length ? text[index] : End;

    private string ReadTripleQuoted(Place start)
    {
        int begin = _position + 3;
        int end = text.IndexOf("\"\"\"", begin, StringComparison.Ordinal);
        if (end < 0)
            throw new HoconException(start, "this string has no closing \"\"\".");
        while (At(end + 3) == '"')
            end++;
        while (_position < end)
        {
            if (text[_position] == '\n')
                StepOverNewline();
            else
                _position++;
        }

        _position = end + 3;
        return text[begin..end];
    }

    private char ReadEscape()
    {
        Place start = Here;
        char kind = Peek(1);
        _position += 2;
        switch (kind)
        {
            case '"' or '\\' or '/':
                return kind;
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
            case 'u' when _position + 4 <= text.Length
                    && ushort.TryParse(text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                _position += 4;
                return (char)code;
            default:
                throw new HoconException(start, "unknown escape; a string knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits.");
        }
    }
}
