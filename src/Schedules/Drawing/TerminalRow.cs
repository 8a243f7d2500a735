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

    public int Columns => _text.Length;

    public void Fill(int column, int length, char fill, TerminalColor color)
    {
        Array.Fill(_text, fill, column, length);
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

    /// <summary>Writes a range of columns; in colour the first lane's fill is left out, as the colour shows how long it lasts.</summary>
    public void AppendTo(StringBuilder text, Range columns, bool color)
    {
        var (from, count) = columns.GetOffsetAndLength(_text.Length);
        if (!color)
        {
            text.Append(_text, from, count);
            return;
        }

        var current = default(TerminalColor);
        for (var column = from; column < from + count; column++)
        {
            if (_colors[column] != current)
            {
                current = _colors[column];
                AppendColor(text, current);
            }

            text.Append(current != default && _text[column] == TerminalLane.FillOf(0) ? ' ' : _text[column]);
        }

        if (current != default)
        {
            AppendColor(text, default);
        }
    }

    /// <summary>Switches to a colour, or back to the terminal's own.</summary>
    public static void AppendColor(StringBuilder text, TerminalColor color)
        => text.Append(color == default ? "\e[0m" : string.Create(CultureInfo.InvariantCulture,
            $"\e[48;5;{color.Background};38;5;{color.Foreground}m"));
}
