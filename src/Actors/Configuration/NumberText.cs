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

    /// <summary>Reads a whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static bool TryWhole(string? text, long least, long most, out long number) =>
        TryWhole(text, out number) && number >= least && number <= most;

    /// <summary>What to write instead of a number with a decimal comma, such as <c>write 0.8, with a point</c>; null for another text.</summary>
    public static string? PointAdvice(string? text) =>
        text?.Split(',') is [_, _] && text.Replace(',', '.') is var point && TryNumber(point, out _) ? $"write {point}, with a point" : null;

    /// <summary>What to write instead of a text that is no number, for an error: <c>write 0.8, with a point</c>.</summary>
    public static string Advice(string text, bool isWhole, long least = long.MinValue, long most = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        string withoutCommas = text.Replace(",", "", StringComparison.Ordinal);
        string[] parts = text.Split(',');
        bool isGrouped = parts.Length > 1 && parts[0].Length is 1 or 2 or 3 && parts.Skip(1).All(part => part.Length == 3);
        if (!isWhole)
        {
            return PointAdvice(text) ?? (isGrouped && TryNumber(withoutCommas, out _) ? $"write {withoutCommas}" : "write a number");
        }

        return isGrouped && TryWhole(withoutCommas, least, most, out _) ? $"write {withoutCommas}"
            : TryWhole(text, out _) ? $"write a whole number from {least} to {most}"
            : "write a whole number";
    }
}
