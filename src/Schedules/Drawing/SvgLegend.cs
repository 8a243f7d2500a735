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

    /// <summary>Draws two lines at a place: what occurs in the picture, then how to read it.</summary>
    public static void Draw(SvgCanvas canvas, int left, int y, DrawingInput input)
    {
        var hues = Math.Min(input.Placement.Directions, 2);
        var x = left;
        foreach (var (kind, label, width) in Kinds)
        {
            if (!input.Has(kind))
            {
                continue;
            }

            for (var hue = 0; hue < hues; hue++)
            {
                canvas.Rect(SvgStyle.FillOf(kind, hue), x + hue * Swatch, y, Swatch, Swatch);
            }

            canvas.Text("ink", x + hues * Swatch + 4, y + 11, label);
            x += width;
        }

        if (input.Has(ActionKind.Pair))
        {
            canvas.Rect("frame", x, y, Swatch, Swatch);
            canvas.Text("ink", x + Swatch + 4, y + 11, "overlapped");
            x += 100;
        }

        canvas.Rect("idle", x, y, Swatch, Swatch);
        canvas.Text("ink", x + Swatch + 4, y + 11, "bubble");
        canvas.Text("ink", left, y + 29, hues > 1
            ? "blue and orange: the two directions; numbers: micro-batches"
            : "numbers: micro-batches");
        canvas.EndLine();
    }
}
