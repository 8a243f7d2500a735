using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>The legend of a picture: the kinds of work in each direction's colour, a pair's frame, the bubble.</summary>
internal static class SvgLegend
{
    private const int Swatch = 14;

    private static readonly (ActionKind Kind, string Label, int Width)[] Kinds =
    [
        (ActionKind.Forward, "forward", 100),
        (ActionKind.BackwardInput, "backward for input", 162),
        (ActionKind.BackwardWeights, "for weights", 120),
        (ActionKind.Backward, "full backward", 130),
    ];

    public static void Append(StringBuilder svg, int left, int y, bool hasTwoDirections)
    {
        var x = left;
        foreach (var (kind, label, width) in Kinds)
        {
            AppendSwatch(svg, x, y, SvgStyle.FillOf(kind, 0));
            if (hasTwoDirections)
            {
                AppendSwatch(svg, x + Swatch, y, SvgStyle.FillOf(kind, 1));
            }

            AppendLabel(svg, x + (hasTwoDirections ? 2 : 1) * Swatch + 4, y, label);
            x += width;
        }

        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{Swatch}\" height=\"{Swatch}\"/>");
        AppendLabel(svg, x + Swatch + 4, y, "overlapped");
        AppendSwatch(svg, x + 90, y, "idle");
        AppendLabel(svg, x + 90 + Swatch + 4, y, "bubble");
        if (hasTwoDirections)
        {
            AppendLabel(svg, left, y + 18, "blue and orange: the two directions; numbers: micro-batches");
        }
        else
        {
            AppendLabel(svg, left, y + 18, "numbers: micro-batches");
        }

        svg.Append('\n');
    }

    private static void AppendSwatch(StringBuilder svg, int x, int y, string fill)
        => svg.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"{fill}\" x=\"{x}\" y=\"{y}\" width=\"{Swatch}\" height=\"{Swatch}\"/>");

    private static void AppendLabel(StringBuilder svg, int x, int y, string label)
        => svg.Append(CultureInfo.InvariantCulture, $"<text class=\"ink\" x=\"{x}\" y=\"{y + 11}\">{label}</text>");
}
