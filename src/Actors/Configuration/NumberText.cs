using System.Globalization;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Numbers as settings and options take them: digits, a point, an exponent. Nothing that another country or program reads differently:
/// no comma, no spaces, no hexadecimal, no infinity.
/// </summary>
public static class NumberText
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads a finite number.</summary>
    public static bool TryNumber(string? text, out double number) =>
        double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>Reads a whole number of 64 bits; <c>1e3</c> and <c>100.0</c> are some.</summary>
    public static bool TryWhole(string? text, out long number)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        // A decimal holds every whole number of 64 bits; what it rounds away makes it differ from the double.
        bool isWhole = decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal value)
            && TryNumber(text, out double rough) && rough == (double)value
            && value == decimal.Truncate(value) && value is >= long.MinValue and <= long.MaxValue;
        number = isWhole ? (long)value : 0;
        return isWhole;
    }

    /// <summary>What to write instead of a number with a comma, such as <c>write 0.8, with a point</c>; null where there is no such.</summary>
    public static string? Advice(string? text) =>
        text?.Split(',') is [_, _] && text.Replace(',', '.') is var point && TryNumber(point, out _) ? $"write {point}, with a point" : null;
}
