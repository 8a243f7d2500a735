using System.Globalization;
using System.Text;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A timetable with times as lines of text, a line a rank: the kind of work and the micro-batch where there is room, then what marks the
/// direction or the stage while it lasts, <c>.</c> for bubble. With colour, hue tells them too. Where a line is too short for the shortest
/// action, the drawing goes on below; where it would do so more than seven times, one line shows what runs in the middle of each column.
/// </summary>
public static class TimetableTerminal
{
    private const int MostBlocks = 8;

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
    /// <param name="placement">Gives the number of lines, and the direction and stages of each micro-batch.</param>
    /// <param name="options">How it looks; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An action's rank, stage, micro-batch or times are outside; the message names it.
    /// </exception>
    public static string Draw(IReadOnlyList<TimedAction> actions, Placement placement, TerminalOptions? options = null)
    {
        options ??= new TerminalOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Width, 20, nameof(options));
        var input = new DrawingInput(actions, placement);
        var labelWidth = (placement.Ranks - 1).ToString(CultureInfo.InvariantCulture).Length + 1;
        var available = options.Width - labelWidth;
        var rows = Rows(input, Columns(input, available));
        var text = new StringBuilder((rows[0].Columns + labelWidth + 1) * (placement.Ranks + 1));
        for (var from = 0; from < rows[0].Columns; from += available)
        {
            var to = Math.Min(from + available, rows[0].Columns);
            text.Append(from > 0 ? "\n" : "");
            for (var rank = 0; rank < rows.Length; rank++)
            {
                text.Append(rank.ToString(CultureInfo.InvariantCulture).PadRight(labelWidth));
                rows[rank].AppendTo(text, from..to, options.Color);
                text.Append('\n');
            }
        }

        return text.Append(TerminalKey.Of(input, options.Width, options.Color)).ToString();
    }

    // All columns of a row, which may be more than a line has: then a whole number of lines.
    private static int Columns(DrawingInput input, int available)
    {
        var shortestActions = input.ShortestAction > 0 ? input.Span / input.ShortestAction : 1;
        if (shortestActions <= available)
        {
            return (int)Math.Clamp(Math.Ceiling(shortestActions * ShortestActionColumns), 1, available);
        }

        var blocks = Math.Ceiling(shortestActions / available);
        return blocks <= MostBlocks ? (int)blocks * available : available;
    }

    private static TerminalRow[] Rows(DrawingInput input, int columns)
    {
        var rows = new TerminalRow[input.Placement.Ranks];
        for (var rank = 0; rank < rows.Length; rank++)
        {
            rows[rank] = new TerminalRow(columns);
        }

        foreach (var timed in input.Actions)
        {
            var from = ColumnOf(timed.Start, input, columns);
            Place(rows[timed.Rank], timed.Action, from, ColumnOf(timed.End, input, columns) - from, input.Lanes);
        }

        return rows;
    }

    private static int ColumnOf(double time, DrawingInput input, int columns)
        => input.Span > 0 ? (int)Math.Round((time - input.Start) / input.Span * columns, MidpointRounding.AwayFromZero) : 0;

    private static void Place(TerminalRow row, in StageAction action, int column, int length, DrawingLanes lanes)
    {
        if (length <= 0)
        {
            return;
        }

        if (!action.IsPair)
        {
            var lane = lanes.Of(action);
            var letter = TerminalLane.LetterOf(action.Kind, lane);
            row.Fill(column, length, TerminalLane.FillOf(lane), TerminalColor.Of(action.Kind, lane));
            row.Write(column, length, string.Create(CultureInfo.InvariantCulture, $"{letter}{action.MicroBatch}"), $"{letter}");
            return;
        }

        var (forward, backward) = (action.ForwardPart, action.BackwardPart);
        var (forwardLane, backwardLane) = (lanes.Of(forward), lanes.Of(backward));
        var (f, b) = (TerminalLane.LetterOf(forward.Kind, forwardLane), TerminalLane.LetterOf(backward.Kind, backwardLane));
        var half = (length + 1) / 2;
        row.Fill(column, half, TerminalLane.FillOf(backwardLane), TerminalColor.Of(forward.Kind, forwardLane));
        row.Fill(column + half, length - half, TerminalLane.FillOf(backwardLane), TerminalColor.Of(backward.Kind, backwardLane));
        var label = string.Create(CultureInfo.InvariantCulture, $"{f}{forward.MicroBatch}&{b}{backward.MicroBatch}");
        row.Write(column, length, label, $"{f}&{b}", "&");
    }
}
