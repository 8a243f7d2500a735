using System.Globalization;
using System.Text;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A timetable with times as lines of text, a line a rank: the kind of work and the micro-batch where there is room, upper case for the
/// first direction, lower case for the second, <c>-</c> while it lasts, <c>.</c> for bubble. With colour, hue tells the direction.
/// </summary>
public static class TimetableTerminal
{
    private const int ShortestActionColumns = 4;

    /// <summary>Draws a simulated run.</summary>
    public static string Draw(SimulatedRun run, TerminalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Draw(run.ToTimedActions(), run.Timetable.Placement, options);
    }

    /// <summary>Draws timed actions.</summary>
    /// <param name="actions">
    /// In any order; times in any one unit; sends and receives are left out. The drawing begins at the earliest start.
    /// </param>
    /// <param name="placement">Gives the number of lines and the direction of each micro-batch.</param>
    /// <param name="options">How it looks; null for the defaults.</param>
    /// <exception cref="ArgumentException">An action's rank, micro-batch or times are outside; the message names it.</exception>
    public static string Draw(IReadOnlyList<TimedAction> actions, Placement placement, TerminalOptions? options = null)
    {
        options ??= new TerminalOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Width, 20, nameof(options));
        var input = new DrawingInput(actions, placement);
        var labelWidth = (placement.Ranks - 1).ToString(CultureInfo.InvariantCulture).Length + 1;
        var columns = Columns(input, options.Width - labelWidth);
        var rows = new TerminalRow[placement.Ranks];
        for (var rank = 0; rank < rows.Length; rank++)
        {
            rows[rank] = new TerminalRow(columns);
        }

        foreach (var timed in input.Actions)
        {
            var from = ColumnOf(timed.Start, input, columns);
            Place(rows[timed.Rank], timed.Action, from, ColumnOf(timed.End, input, columns) - from, input);
        }

        var text = new StringBuilder((columns + labelWidth + 1) * (placement.Ranks + 1));
        for (var rank = 0; rank < rows.Length; rank++)
        {
            text.Append(rank.ToString(CultureInfo.InvariantCulture).PadRight(labelWidth));
            rows[rank].AppendTo(text, options.Color);
            text.Append('\n');
        }

        var second = placement.Directions > 1 ? "; lower case: second direction" : "";
        text.Append("F forward, B backward, I for input, W for weights, F&B overlapped, . bubble").Append(second).Append('\n');
        return text.ToString();
    }

    private static int Columns(DrawingInput input, int available)
    {
        var wanted = input.ShortestAction > 0 ? input.Span / input.ShortestAction * ShortestActionColumns : 1;
        return (int)Math.Clamp(Math.Ceiling(wanted), 1, available);
    }

    private static int ColumnOf(double time, DrawingInput input, int columns)
        => input.Span > 0 ? (int)Math.Round((time - input.Start) / input.Span * columns, MidpointRounding.AwayFromZero) : 0;

    private static void Place(TerminalRow row, in StageAction action, int column, int length, DrawingInput input)
    {
        if (length <= 0)
        {
            return;
        }

        if (!action.IsPair)
        {
            var kind = Letter(action, input);
            row.Fill(column, length, TerminalColor.Of(action.Kind, input.HueOf(action)));
            row.Write(column, length, string.Create(CultureInfo.InvariantCulture, $"{kind}{action.MicroBatch}"), $"{kind}");
            return;
        }

        var (forward, backward) = (action.ForwardPart, action.BackwardPart);
        var (f, b) = (Letter(forward, input), Letter(backward, input));
        var half = (length + 1) / 2;
        row.Fill(column, half, TerminalColor.Of(forward.Kind, input.HueOf(forward)));
        row.Fill(column + half, length - half, TerminalColor.Of(backward.Kind, input.HueOf(backward)));
        var label = string.Create(CultureInfo.InvariantCulture, $"{f}{forward.MicroBatch}&{b}{backward.MicroBatch}");
        row.Write(column, length, label, $"{f}&{b}", "&");
    }

    private static char Letter(in StageAction action, DrawingInput input)
    {
        var letter = StageActionText.LetterOf(action.Kind);
        return input.HueOf(action) == 0 ? letter : char.ToLowerInvariant(letter);
    }
}
