using System.Globalization;

namespace Actors.Schedules.Drawing;

/// <summary>
/// Draws chunks' boxes: a fill, the bars that mark the lane, and the number of the micro-batch, in a line where it fits, else with its
/// digits below each other. Boxes in which the largest number would not fit have none.
/// </summary>
internal sealed class SvgActionBox(SvgCanvas canvas, DrawingLanes lanes, int microBatches)
{
    private const double DigitWidth = 0.556;
    private const double DigitHeight = 0.72;
    private const double Gap = 1;
    private const double BarPitch = 3.5;
    private const double LowestBar = 3;
    private const double LeastRoom = 12;

    private static readonly SvgNumberStyle Smallest = SvgStyle.Numbers[^1];

    private readonly int _mostDigits = Digits(microBatches - 1);

    /// <summary>Draws an action that is no pair.</summary>
    public void Draw(SvgHeight height, in StageAction action, in SvgBox box)
    {
        DrawBlank(canvas, height, action.Kind, lanes.Of(action), box);
        if (HasNumber(action, box))
        {
            DrawNumber(action, AboveBars(box));
        }
    }

    /// <summary>Whether an action's box has room for the number of any micro-batch.</summary>
    public bool HasNumber(in StageAction action, in SvgBox box)
    {
        var room = AboveBars(action.IsPair ? box.UpperHalf() : box);
        return FitsInALine(_mostDigits, Smallest.Size, room) || FitsInAColumn(_mostDigits, room);
    }

    /// <summary>Adds a box without a number.</summary>
    public static void DrawBlank(SvgCanvas canvas, SvgHeight height, ActionKind kind, int lane, in SvgBox box)
    {
        var gap = Math.Min(Gap, box.Width / 8);
        canvas.Horizontal(SvgLayer.Box, SvgStyle.BoxClass(kind, lane, height), box.Left, box.Middle, box.Width - gap);
        for (var bar = 0; bar < lane && box.Width > 3.5; bar++)
        {
            canvas.Horizontal(
                SvgLayer.Bar, SvgStyle.BarClass(kind), box.Left + 1, box.Bottom - LowestBar - bar * BarPitch, box.Width - 3);
        }
    }

    private static int Digits(int number) => number < 10 ? 1 : 1 + Digits(number / 10);

    // The same for all lanes, so that numbers stand on one line; but numbers go before bars.
    private SvgBox AboveBars(in SvgBox box)
    {
        var bars = lanes.Count == 1 ? 0 : LowestBar + 1 + (lanes.Count - 2) * BarPitch;
        return box with { Height = Math.Max(box.Height - bars, Math.Min(box.Height, LeastRoom)) };
    }

    private void DrawNumber(in StageAction action, in SvgBox box)
    {
        Span<char> digits = stackalloc char[10];
        action.MicroBatch.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        digits = digits[..count];
        var middle = box.Left + (box.Width - Gap) / 2;
        if (StyleInALine(count, box) is { } style)
        {
            canvas.Number(style.ClassOn(action.Kind), middle, BaseLine(box, style.Size, 1), digits);
            return;
        }

        var first = BaseLine(box, Smallest.Size, count);
        for (var i = 0; i < count; i++)
        {
            canvas.Number(Smallest.ClassOn(action.Kind), middle, first + i * (Smallest.Size - 1), digits.Slice(i, 1));
        }
    }

    // One size for all numbers of a box's width, where the longest fits in a line; null where this one does not.
    private SvgNumberStyle? StyleInALine(int digits, in SvgBox box)
    {
        var longest = FitsInALine(_mostDigits, Smallest.Size, box) ? _mostDigits : digits;
        foreach (var style in SvgStyle.Numbers)
        {
            if (FitsInALine(longest, style.Size, box))
            {
                return style;
            }
        }

        return null;
    }

    // The smallest may come nearer to its box's edges than others.
    private static bool FitsInALine(int digits, double size, in SvgBox box)
        => digits * DigitWidth * size + (size == Smallest.Size ? 1.5 : 2.5) <= box.Width && DigitHeight * size + 1.5 <= box.Height;

    private static bool FitsInAColumn(int digits, in SvgBox box)
        => FitsInALine(1, Smallest.Size, box) && digits * (Smallest.Size - 1) <= box.Height;

    // That of the first of some lines, which together stand in the middle of the box.
    private static double BaseLine(in SvgBox box, double size, int lines)
        => Math.Round(box.Top + (box.Height + DigitHeight * size - (lines - 1) * (size - 1)) / 2, 1);
}
