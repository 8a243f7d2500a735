using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>The characters of one rank's line, with a colour each.</summary>
internal sealed class TerminalRow
{
    private readonly char[] _text;
    private readonly TerminalColor[] _colors;

    public TerminalRow(int columns)
    {
        _text = new char[columns];
        _colors = new TerminalColor[columns];
        Array.Fill(_text, '.');
    }

    public void Fill(int column, int length, TerminalColor color)
    {
        Array.Fill(_text, '-', column, length);
        Array.Fill(_colors, color, column, length);
    }

    /// <summary>Writes the first of the labels, from long to short, that fits.</summary>
    public void Write(int column, int length, params ReadOnlySpan<string> labels)
    {
        foreach (var label in labels)
        {
            if (label.Length <= length)
            {
                label.CopyTo(0, _text, column, label.Length);
                return;
            }
        }
    }

    public void AppendTo(StringBuilder text, bool color)
    {
        if (!color)
        {
            text.Append(_text);
            return;
        }

        var current = default(TerminalColor);
        for (var column = 0; column < _text.Length; column++)
        {
            if (_colors[column] != current)
            {
                current = _colors[column];
                text.Append(current == default ? "\e[0m" : string.Create(CultureInfo.InvariantCulture,
                    $"\e[48;5;{current.Background};38;5;{current.Foreground}m"));
            }

            text.Append(current != default && _text[column] == '-' ? ' ' : _text[column]);
        }

        text.Append(current == default ? "" : "\e[0m");
    }
}
