using System.Globalization;

namespace Actors.Cli.Commands;

/// <summary>
/// Numbers as options take them: digits, a point, an exponent. Nothing that another country or program reads differently: no comma,
/// no spaces, no hexadecimal, no infinity.
/// </summary>
internal static class NumberText
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>A finite number.</summary>
    public static bool TryNumber(string text, out double number) =>
        double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>; <c>1e3</c> is one.</summary>
    public static bool TryWhole(string text, long least, long most, out long number)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            // A decimal holds every whole number of 64 bits; what it rounds away makes it differ from the double.
            bool isWhole = decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal value)
                && TryNumber(text, out double rough) && rough == (double)value
                && value == decimal.Truncate(value) && value is >= long.MinValue and <= long.MaxValue;
            if (!isWhole)
            {
                return false;
            }

            number = (long)value;
        }

        return number >= least && number <= most;
    }

    /// <summary>What to write instead of a text that is no number, for an error: <c>write 0.8, with a point</c>.</summary>
    public static string Advice(string text, bool isWhole, long least = long.MinValue, long most = long.MaxValue)
    {
        string withoutCommas = text.Replace(",", "", StringComparison.Ordinal);
        string[] parts = text.Split(',');
        bool isGrouped = parts.Length > 1 && parts[0].Length is 1 or 2 or 3 && parts.Skip(1).All(part => part.Length == 3);
        if (!isWhole)
        {
            return parts.Length == 2 && text.Replace(',', '.') is var point && TryNumber(point, out _) ? $"write {point}, with a point"
                : isGrouped && TryNumber(withoutCommas, out _) ? $"write {withoutCommas}"
                : "write a number";
        }

        return isGrouped && TryWhole(withoutCommas, least, most, out _) ? $"write {withoutCommas}"
            : TryWhole(text, long.MinValue, long.MaxValue, out _) ? $"write a whole number from {least} to {most}"
            : "write a whole number";
    }
}
