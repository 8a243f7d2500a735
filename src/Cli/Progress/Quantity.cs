using System.Globalization;

namespace Actors.Cli.Progress;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] Units = ["", "K", "M", "G", "T", "P"];

    /// <summary>Three digits and a unit of thousands: 31.2K.</summary>
    public static string Short(double value)
    {
        if (!double.IsFinite(value))
        {
            return "?";
        }

        int unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        bool isWhole = unit == 0 && value == Math.Floor(value);
        string format = isWhole || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + Units[unit];
    }

    /// <summary>Bytes, by thousands: 45.1 MB.</summary>
    public static string Bytes(long bytes)
    {
        string text = Short(bytes);
        return char.IsLetter(text[^1]) ? $"{text[..^1]} {text[^1]}B" : $"{text} B";
    }

    /// <summary>A number with at most three digits after the point.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage with one digit after the point.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}%");

    /// <summary>A time: 0.52 s, 2:05, 1:02:05.</summary>
    public static string Time(TimeSpan time)
    {
        if (time < TimeSpan.FromMinutes(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
        }

        return time < TimeSpan.FromHours(1)
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");
    }
}
