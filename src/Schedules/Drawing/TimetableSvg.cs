using System.Globalization;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A picture of a timetable with times, simulated or measured: a row a rank with its stages and its bubble, the numbers of micro-batches,
/// direction or stage by hue and bars, kind of work by shade, an overlapped pair in one frame with its forward above and its backward
/// below, bubble hatched, a legend and a time axis. Plain SVG without scripts; its style sheet follows the reader's light or dark scheme.
/// </summary>
public static class TimetableSvg
{
    private const int Left = 84;
    private const int Right = 52;
    private const int Gap = 8;
    private const int RowPitch = 38;
    private const int RowHeight = 32;
    private const int NarrowestRow = 640;
    private const double ShortestActionWidth = 16;
    private const long MaxCapacity = 1 << 26;

    /// <summary>Draws a simulated run.</summary>
    public static string Draw(SimulatedRun run, SvgOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        options ??= new SvgOptions();
        return Draw(run.ToTimedActions(), run.Timetable.Placement, options with
        {
            Title = options.Title ?? RunDescription.Title(run.Timetable),
            Subtitle = options.Subtitle ?? RunDescription.Subtitle(run, options.TimeUnit),
        });
    }

    /// <summary>Draws timed actions.</summary>
    /// <param name="actions">
    /// In any order; times in any one unit; sends and receives are left out. The picture begins at the earliest start.
    /// </param>
    /// <param name="placement">Gives the number of rows, and the direction and stages of each micro-batch.</param>
    /// <param name="options">How it looks; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// An action's rank, stage, micro-batch or times are outside; the message names it.
    /// </exception>
    public static string Draw(IReadOnlyList<TimedAction> actions, Placement placement, SvgOptions? options = null)
    {
        options ??= new SvgOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRowWidth, 100, nameof(options));
        var input = new DrawingInput(actions, placement);
        var scale = Scale(input, options.MaxRowWidth);
        var rowWidth = input.Span > 0 ? Math.Round(input.Span * scale, 1) : Math.Min(100, options.MaxRowWidth);
        var right = Left + Math.Max(rowWidth, Math.Min(NarrowestRow, options.MaxRowWidth));
        var canvas = new SvgCanvas((int)Math.Min(MaxCapacity, 4096 + actions.Count * (options.Tooltips ? 150L : 40L)));
        var boxes = new SvgActionBox(canvas, input.Lanes, placement.MicroBatches);
        var hasNumbers = input.Actions.Any(timed => boxes.HasNumber(timed.Action, BoxOf(timed, input, scale, top: 0)));
        var legend = new SvgLegend(input, hasNumbers, Left, right);
        var title = options.Title ?? "Timetable";
        var heading = new SvgHeading(title, options.Subtitle ?? "", right + Right - Gap - Left);
        var top = heading.Bottom + legend.Lines * SvgLegend.LineHeight + 20;
        var bottom = top + placement.Ranks * RowPitch;

        canvas.Open(right + Right, bottom + 28, title, SvgStyle.CssFor(input));
        heading.Draw(canvas, Left);
        legend.Draw(canvas, heading.Bottom);
        DrawRows(canvas, input, top, rowWidth);
        foreach (var timed in input.Actions)
        {
            DrawAction(canvas, boxes, timed.Action, BoxOf(timed, input, scale, top));
        }

        DrawAxis(canvas, input.Span, scale, bottom, rowWidth, options.TimeUnit);
        canvas.FlushShapes();
        canvas.FlushNumbers();
        if (options.Tooltips)
        {
            DrawTooltips(canvas, input, scale, top);
        }

        return canvas.Close();
    }

    // Pixels of a unit of time. Where there is room the shortest action gets whole pixels, which look crisp and are short to write.
    private static double Scale(DrawingInput input, int maxRowWidth)
    {
        if (input.Span <= 0)
        {
            return 0;
        }

        var shortest = Math.Min(ShortestActionWidth, maxRowWidth / input.Span * input.ShortestAction);
        return (shortest >= 5 ? Math.Floor(shortest) : shortest) / input.ShortestAction;
    }

    private static SvgBox BoxOf(in TimedAction timed, DrawingInput input, double scale, int top)
        => SvgBox.Between(
            Left + (timed.Start - input.Start) * scale,
            Left + (timed.End - input.Start) * scale,
            top + timed.Rank * RowPitch,
            RowHeight);

    private static void DrawRows(SvgCanvas canvas, DrawingInput input, int top, double rowWidth)
    {
        canvas.Text("sub right", Left + rowWidth + 44, top - 6, "bubble");
        for (var rank = 0; rank < input.Placement.Ranks; rank++)
        {
            var y = top + rank * RowPitch;
            canvas.Text("ink rank", Left - Gap, y + 14, string.Create(CultureInfo.InvariantCulture, $"rank {rank}"));
            canvas.Text("sub right", Left - Gap, y + 27, Stages(input.Placement, rank));
            canvas.Horizontal(SvgLayer.Bubble, "idle row", Left, y + RowHeight / 2, rowWidth);
            var bubble = string.Create(CultureInfo.InvariantCulture, $"{100 * input.BubbleFractionOf(rank):0.0}%");
            canvas.Text("ink rank", Left + rowWidth + 44, y + 20, bubble);
        }
    }

    // At most four numbers fit beside the row.
    private static string Stages(Placement placement, int rank)
    {
        var stages = placement.StagesOf(rank);
        return stages.Length switch
        {
            0 => "",
            1 => string.Create(CultureInfo.InvariantCulture, $"stage {stages[0]}"),
            <= 2 => $"stages {string.Join(", ", stages)}",
            <= 4 => string.Join(", ", stages),
            _ => string.Create(CultureInfo.InvariantCulture, $"{stages[0]}, {stages[1]}, ... {stages[^1]}"),
        };
    }

    private static void DrawAction(SvgCanvas canvas, SvgActionBox boxes, in StageAction action, in SvgBox box)
    {
        if (!action.IsPair)
        {
            boxes.Draw(SvgHeight.Row, action, box);
            return;
        }

        boxes.Draw(SvgHeight.Half, action.ForwardPart, box.UpperHalf());
        boxes.Draw(SvgHeight.Half, action.BackwardPart, box.LowerHalf());
        canvas.Outline(SvgLayer.Frame, "frame", box);
    }

    private static void DrawTooltips(SvgCanvas canvas, DrawingInput input, double scale, int top)
    {
        foreach (var timed in input.Actions)
        {
            canvas.Tooltip(BoxOf(timed, input, scale, top), string.Create(CultureInfo.InvariantCulture,
                $"{timed.Action} rank {timed.Rank}: {timed.Start - input.Start:0.###} to {timed.End - input.Start:0.###}"));
        }
    }

    private static void DrawAxis(SvgCanvas canvas, double span, double scale, int y, double rowWidth, string unit)
    {
        canvas.Horizontal(SvgLayer.Axis, "axis", Left, y, rowWidth);
        var step = TickStep(span, Math.Max(2, (int)(rowWidth / 80)));
        for (var tick = 0; step > 0 && tick * step <= span * (1 + 1e-9); tick++)
        {
            var x = Left + tick * step * scale;
            canvas.Vertical(SvgLayer.Axis, "axis", x, y, 5);
            canvas.Text("ink tick", x, y + 18, (tick * step).ToString("0.######", CultureInfo.InvariantCulture));
        }

        canvas.Text("sub right", Left - Gap, y + 18, unit.Length > 0 ? $"time [{unit}]" : "time");
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
