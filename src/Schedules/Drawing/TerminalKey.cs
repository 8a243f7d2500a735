using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>The key under a drawing in a terminal: what occurs in it, each with a sample, in lines of at most a width.</summary>
internal sealed class TerminalKey(int width, bool color)
{
    private readonly StringBuilder _text = new();
    private int _column;

    /// <summary>The key of a drawing, ending with a line's end.</summary>
    public static string Of(DrawingInput input, int width, bool color)
    {
        var key = new TerminalKey(width, color);
        key.AddWork(input, ActionKind.Forward, "forward");
        key.AddWork(input, ActionKind.BackwardInput, "backward for input");
        key.AddWork(input, ActionKind.BackwardWeights, "backward for weights");
        key.AddWork(input, ActionKind.Backward, "full backward");
        if (input.Has(ActionKind.Pair))
        {
            key.Add("F&B", default, "overlapped");
        }

        key.Add(".", default, "bubble");
        for (var lane = 0; lane < input.Lanes.Count && input.Lanes.Count > 1; lane++)
        {
            var sample = $"{TerminalLane.LetterOf(ActionKind.Forward, lane)}{TerminalLane.FillOf(lane)}";
            key.Add(sample, TerminalColor.Of(ActionKind.Forward, lane), input.Lanes.NameOf(lane));
        }

        return key._text.Append('\n').ToString();
    }

    private void AddWork(DrawingInput input, ActionKind kind, string name)
    {
        if (input.Has(kind))
        {
            Add(TerminalLane.LetterOf(kind, 0).ToString(), TerminalColor.Of(kind, 0), name);
        }
    }

    private void Add(string sample, TerminalColor sampleColor, string name)
    {
        var length = sample.Length + 1 + name.Length;
        if (_column > 0)
        {
            // Of a line that goes on, the comma stands at its end.
            var fits = _column + 2 + length + 1 <= width;
            _text.Append(fits ? ", " : ",\n");
            _column = fits ? _column + 2 : 0;
        }

        if (color && sampleColor != default)
        {
            TerminalRow.AppendColor(_text, sampleColor);
            _text.Append(sample);
            TerminalRow.AppendColor(_text, default);
        }
        else
        {
            _text.Append(sample);
        }

        _text.Append(' ').Append(name);
        _column += length;
    }
}
