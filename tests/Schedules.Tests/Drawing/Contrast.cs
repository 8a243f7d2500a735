using System.Globalization;

namespace Actors.Schedules.Tests.Drawing;

/// <summary>Contrast of two colours. Source: WCAG 2.2, relative luminance and contrast ratio.</summary>
internal static class Contrast
{
    /// <summary>From 1 (equal) to 21; colours as <c>#rgb</c> or <c>#rrggbb</c>.</summary>
    public static double Of(string one, string other) => Of(Luminance(Rgb(one)), Luminance(Rgb(other)));

    /// <summary>The same for colours 16 to 255 of a terminal: a cube of 6 x 6 x 6, then a ramp of grey.</summary>
    public static double OfTerminal(byte one, byte other) => Of(Luminance(Rgb(one)), Luminance(Rgb(other)));

    private static double Of(double one, double other) => (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);

    private static int[] Rgb(string color)
    {
        var digits = color.Length == 4 ? string.Concat(color.Skip(1).Select(digit => $"{digit}{digit}")) : color[1..];
        return [.. digits.Chunk(2).Select(pair => int.Parse(pair, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }

    private static int[] Rgb(byte color)
    {
        if (color >= 232)
        {
            return [8 + 10 * (color - 232), 8 + 10 * (color - 232), 8 + 10 * (color - 232)];
        }

        int[] steps = [0, 95, 135, 175, 215, 255];
        return [steps[(color - 16) / 36], steps[(color - 16) / 6 % 6], steps[(color - 16) % 6]];
    }

    private static double Luminance(int[] rgb) => 0.2126 * Linear(rgb[0]) + 0.7152 * Linear(rgb[1]) + 0.0722 * Linear(rgb[2]);

    private static double Linear(int component)
    {
        var share = component / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
    }
}
