using System.Globalization;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A picture of a timetable with times, simulated or measured: a row a rank, micro-batch numbers, direction by hue, kind of work by shade,
/// an overlapped pair in one frame with its forward above and its backward below, bubble shaded, a legend and a time axis. Plain SVG
/// without scripts; its style sheet follows the reader's light or dark scheme.
/// </summary>
public static class TimetableSvg
{
    private const int Left = 64;
    private const int Right = 24;
    private const int Top = 76;
    private const int RowPitch = 34;
    private const int RowHeight = 28;
    private const int LegendWidth = 660;
    private const double ShortestActionWidth = 20;
    private const double DigitWidth = 6.5;

    /// <summary>Draws a simulated run under its schedule's name.</summary>
    public static string Draw(SimulatedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var timetable = run.Timetable;
        var title = string.Create(CultureInfo.InvariantCulture,
            $"{timetable.Schedule}: {timetable.Ranks} ranks, {timetable.MicroBatches} micro-batches, bubble {run.BubbleFraction:P1}");
        return Draw(run.ToTimedActions(), timetable.Placement, new SvgOptions { Title = title });
    }

    /// <summary>Draws timed actions.</summary>
    /// <param name="actions">
    /// In any order; times in any one unit; sends and receives are left out. The picture begins at the earliest start.
    /// </param>
    /// <param name="placement">Gives the number of rows and the direction of each micro-batch.</param>
    /// <param name="options">How it looks; null for the defaults.</param>
    /// <exception cref="ArgumentException">An action's rank, micro-batch or times are outside; the message names it.</exception>
    public static string Draw(IReadOnlyList<TimedAction> actions, Placement placement, SvgOptions? options = null)
    {
        options ??= new SvgOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRowWidth, 100, nameof(options));
        var input = new DrawingInput(actions, placement);
        var rowWidth = RowWidth(input, options);
        var width = Left + Math.Max(rowWidth, LegendWidth) + Right;
        var bottom = Top + placement.Ranks * RowPitch;

        var canvas = new SvgCanvas(2048 + actions.Count * 250);
        canvas.Open(width, bottom + 44, options.Title);
        canvas.Text("ink head", Left, 24, options.Title);
        SvgLegend.Draw(canvas, Left, 38, input);
        DrawRows(canvas, placement.Ranks, rowWidth);
        var scale = input.Span > 0 ? rowWidth / input.Span : 0;
        foreach (var timed in input.Actions)
        {
            DrawAction(canvas, timed, input, scale, options.Tooltips);
        }

        DrawAxis(canvas, input.Span, scale, bottom, rowWidth, options.TimeUnit);
        return canvas.Close();
    }

    private static double RowWidth(DrawingInput input, SvgOptions options)
    {
        var wanted = input.ShortestAction > 0 ? input.Span / input.ShortestAction * ShortestActionWidth : 0;
        return Math.Clamp(wanted, 100, options.MaxRowWidth);
    }

    private static void DrawRows(SvgCanvas canvas, int ranks, double rowWidth)
    {
        for (var rank = 0; rank < ranks; rank++)
        {
            var y = Top + rank * RowPitch;
            canvas.Text("ink rank", Left - 8, y + 18, string.Create(CultureInfo.InvariantCulture, $"rank {rank}"));
            canvas.Rect("idle", Left, y, rowWidth, RowHeight);
            canvas.EndLine();
        }
    }

    private static void DrawAction(SvgCanvas canvas, in TimedAction timed, DrawingInput input, double scale, bool tooltips)
    {
        var x = Left + (timed.Start - input.Start) * scale;
        var width = (timed.End - timed.Start) * scale;
        var y = Top + timed.Rank * RowPitch;
        canvas.OpenGroup(tooltips ? Tooltip(timed, input) : null);
        if (timed.Action.IsPair)
        {
            DrawBox(canvas, timed.Action.ForwardPart, input, (x, y, width, RowHeight / 2));
            DrawBox(canvas, timed.Action.BackwardPart, input, (x, y + RowHeight / 2, width, RowHeight / 2));
            canvas.Rect("frame", x, y, width, RowHeight);
        }
        else
        {
            DrawBox(canvas, timed.Action, input, (x, y, width, RowHeight));
        }

        canvas.CloseGroup();
    }

    private static string Tooltip(in TimedAction timed, DrawingInput input)
        => string.Create(CultureInfo.InvariantCulture,
            $"{timed.Action} rank {timed.Rank}: {timed.Start - input.Start:0.###} to {timed.End - input.Start:0.###}");

    private static void DrawBox(
        SvgCanvas canvas, in StageAction action, DrawingInput input, (double X, double Y, double Width, double Height) box)
    {
        canvas.Rect($"box {SvgStyle.FillOf(action.Kind, input.HueOf(action))}", box.X, box.Y, box.Width, box.Height);
        var number = action.MicroBatch.ToString(CultureInfo.InvariantCulture);
        if (number.Length * DigitWidth + 2 <= box.Width)
        {
            canvas.Text($"mb {SvgStyle.InkOn(action.Kind)}", box.X + box.Width / 2, box.Y + box.Height / 2 + 4, number);
        }
    }

    private static void DrawAxis(SvgCanvas canvas, double span, double scale, int y, double rowWidth, string unit)
    {
        canvas.Line(Left, y, Left + rowWidth, y);
        var step = TickStep(span, Math.Max(2, (int)(rowWidth / 80)));
        for (var tick = 0; step > 0 && tick * step <= span * (1 + 1e-9); tick++)
        {
            var x = Left + tick * step * scale;
            canvas.Line(x, y, x, y + 5);
            canvas.Text("ink tick", x, y + 18, (tick * step).ToString("0.######", CultureInfo.InvariantCulture));
        }

        canvas.EndLine();
        canvas.Text("ink", Left, y + 36, unit.Length > 0 ? $"time [{unit}]" : "time");
        canvas.EndLine();
    }

    // 1, 2 or 5 times a power of ten, so that at most the given number of ticks stands on the axis.
    private static double TickStep(double span, int ticks)
    {
        if (span <= 0)
        {
            return 0;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(span / ticks)));
        foreach (var factor in (ReadOnlySpan<int>)[1, 2, 5])
        {
            if (span / (factor * power) <= ticks)
            {
                return factor * power;
            }
        }

        return 10 * power;
    }
}
