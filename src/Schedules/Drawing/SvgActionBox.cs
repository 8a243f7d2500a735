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
    private const double Margin = 1.5;
    private const double BarPitch = 3.5;
    private const double LowestBar = 3;
    private const double LeastRoom = 12;

    private readonly int _mostDigits = Digits(microBatches - 1);

    /// <summary>Draws an action that is no pair; the class of its height is <c>row</c> or <c>half</c>.</summary>
    public void Draw(string size, in StageAction action, in SvgBox box)
    {
        DrawBlank(canvas, size, action.Kind, lanes.Of(action), box);
        if (HasNumber(action, box))
        {
            DrawNumber(action.MicroBatch, SvgStyle.InkOn(action.Kind), AboveBars(box));
        }
    }

    /// <summary>Whether an action's box has room for the number of any micro-batch.</summary>
    public bool HasNumber(in StageAction action, in SvgBox box)
    {
        var room = AboveBars(action.IsPair ? box.UpperHalf() : box);
        return FitsInALine(_mostDigits, SvgStyle.SmallNumberSize, room) || FitsInAColumn(_mostDigits, room);
    }

    /// <summary>Adds a box without a number.</summary>
    public static void DrawBlank(SvgCanvas canvas, string size, ActionKind kind, int lane, in SvgBox box)
    {
        var gap = Math.Min(0.75, box.Width / 8);
        canvas.Horizontal(SvgLayer.Box, $"{SvgStyle.ClassOf(kind, lane)} {size}", box.Left, box.Middle, box.Width - gap);
        for (var bar = 0; bar < lane && box.Width > 2; bar++)
        {
            canvas.Horizontal(
                SvgLayer.Bar, $"bar {SvgStyle.InkOn(kind)}", box.Left + 1, box.Bottom - LowestBar - bar * BarPitch, box.Width - 2.5);
        }
    }

    private static int Digits(int number) => number < 10 ? 1 : 1 + Digits(number / 10);

    // The same for all lanes, so that numbers stand on one line; but numbers go before bars.
    private SvgBox AboveBars(in SvgBox box)
    {
        var bars = lanes.Count == 1 ? 0 : LowestBar + 1 + (lanes.Count - 2) * BarPitch;
        return box with { Height = Math.Max(box.Height - bars, Math.Min(box.Height, LeastRoom)) };
    }

    private void DrawNumber(int number, string ink, in SvgBox box)
    {
        Span<char> digits = stackalloc char[10];
        number.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        digits = digits[..count];
        var middle = box.Left + box.Width / 2;
        if (FitsInALine(count, SvgStyle.NumberSize, box))
        {
            canvas.Number($"n {ink}", middle, BaseLine(box, SvgStyle.NumberSize, 1), digits);
        }
        else if (FitsInALine(count, SvgStyle.SmallNumberSize, box))
        {
            canvas.Number($"s {ink}", middle, BaseLine(box, SvgStyle.SmallNumberSize, 1), digits);
        }
        else if (FitsInAColumn(count, box))
        {
            var first = BaseLine(box, SvgStyle.SmallNumberSize, count);
            for (var i = 0; i < count; i++)
            {
                canvas.Number($"s {ink}", middle, first + i * (SvgStyle.SmallNumberSize - 1), digits.Slice(i, 1));
            }
        }
    }

    private static bool FitsInALine(int digits, double size, in SvgBox box)
        => digits * DigitWidth * size + Margin <= box.Width && DigitHeight * size + Margin <= box.Height;

    private static bool FitsInAColumn(int digits, in SvgBox box)
        => FitsInALine(1, SvgStyle.SmallNumberSize, box) && digits * (SvgStyle.SmallNumberSize - 1) <= box.Height;

    // That of the first of some lines, which together stand in the middle of the box.
    private static double BaseLine(in SvgBox box, double size, int lines)
        => Math.Round(box.Top + (box.Height + DigitHeight * size - (lines - 1) * (size - 1)) / 2, 1);
}
