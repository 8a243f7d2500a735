using System.Globalization;
using System.Text;
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
    /// <param name="actions">In any order; times in any one unit. The picture begins at the earliest start.</param>
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

        var svg = new StringBuilder(1024 + actions.Count * 200);
        var title = XmlText.Escape(options.Title);
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {bottom + 44}\" width=\"{width:0}\" height=\"{bottom + 44}\" role=\"img\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>{title}</title>\n<style>{SvgStyle.Css}</style>\n");
        svg.Append("<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"ink head\" x=\"{Left}\" y=\"24\">{title}</text>\n");
        SvgLegend.Append(svg, Left, 38, placement.Directions > 1);
        AppendRows(svg, placement.Ranks, rowWidth);
        var scale = input.Span > 0 ? rowWidth / input.Span : 0;
        foreach (var timed in actions)
        {
            AppendAction(svg, timed, input, scale, options.Tooltips);
        }

        AppendAxis(svg, input.Span, scale, bottom, rowWidth, options.TimeUnit);
        return svg.Append("</svg>\n").ToString();
    }

    private static double RowWidth(DrawingInput input, SvgOptions options)
    {
        var wanted = input.ShortestAction > 0 ? input.Span / input.ShortestAction * ShortestActionWidth : 0;
        return Math.Clamp(wanted, 100, options.MaxRowWidth);
    }

    private static void AppendRows(StringBuilder svg, int ranks, double rowWidth)
    {
        for (var rank = 0; rank < ranks; rank++)
        {
            var y = Top + rank * RowPitch;
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"ink rank\" x=\"{Left - 8}\" y=\"{y + 18}\">rank {rank}</text>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<rect class=\"idle\" x=\"{Left}\" y=\"{y}\" width=\"{rowWidth:0.##}\" height=\"{RowHeight}\"/>\n");
        }
    }

    private static void AppendAction(StringBuilder svg, in TimedAction timed, DrawingInput input, double scale, bool tooltips)
    {
        var x = Left + (timed.Start - input.Start) * scale;
        var width = (timed.End - timed.Start) * scale;
        var y = Top + timed.Rank * RowPitch;
        svg.Append("<g>");
        if (tooltips)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<title>{timed.Action} rank {timed.Rank}: {timed.Start - input.Start:0.###} to {timed.End - input.Start:0.###}</title>");
        }

        if (timed.Action.IsPair)
        {
            AppendBox(svg, timed.Action.ForwardPart, input, x, y, width, RowHeight / 2);
            AppendBox(svg, timed.Action.BackwardPart, input, x, y + RowHeight / 2, width, RowHeight / 2);
            svg.Append(CultureInfo.InvariantCulture,
                $"<rect class=\"frame\" x=\"{x:0.##}\" y=\"{y}\" width=\"{width:0.##}\" height=\"{RowHeight}\"/>");
        }
        else
        {
            AppendBox(svg, timed.Action, input, x, y, width, RowHeight);
        }

        svg.Append("</g>\n");
    }

    private static void AppendBox(StringBuilder svg, in StageAction action, DrawingInput input, double x, double y, double width, int height)
    {
        svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"box {SvgStyle.FillOf(action.Kind, input.HueOf(action))}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height}\"/>");
        var digits = action.MicroBatch < 10 ? 1 : action.MicroBatch < 100 ? 2 : action.MicroBatch < 1000 ? 3 : 4;
        if (digits * DigitWidth + 2 <= width)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text class=\"mb {SvgStyle.InkOn(action.Kind)}\" x=\"{x + width / 2:0.##}\" y=\"{y + height / 2 + 4:0.##}\">{action.MicroBatch}</text>");
        }
    }

    private static void AppendAxis(StringBuilder svg, double span, double scale, int y, double rowWidth, string unit)
    {
        svg.Append(CultureInfo.InvariantCulture,
            $"<line class=\"axis\" x1=\"{Left}\" y1=\"{y}\" x2=\"{Left + rowWidth:0.##}\" y2=\"{y}\"/>");
        var step = TickStep(span, Math.Max(2, (int)(rowWidth / 80)));
        for (var tick = 0; step > 0 && tick * step <= span * (1 + 1e-9); tick++)
        {
            var x = Left + tick * step * scale;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{x:0.##}\" y1=\"{y}\" x2=\"{x:0.##}\" y2=\"{y + 5}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"ink tick\" x=\"{x:0.##}\" y=\"{y + 18}\">{tick * step:0.######}</text>");
        }

        var label = unit.Length > 0 ? $"time [{XmlText.Escape(unit)}]" : "time";
        svg.Append(CultureInfo.InvariantCulture, $"\n<text class=\"ink\" x=\"{Left}\" y=\"{y + 36}\">{label}</text>\n");
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
