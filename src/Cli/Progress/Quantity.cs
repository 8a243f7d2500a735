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

    /// <summary>A time: 340 ms, 2.3 s, 1 min 18 s, 2 h 5 min.</summary>
    public static string Time(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        if (seconds < 0.9995)
        {
            return (seconds * 1000).ToString(seconds < 0.00995 ? "0.# ms" : "0 ms", CultureInfo.InvariantCulture);
        }

        if (seconds < 59.95)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        }

        long whole = (long)Math.Round(seconds);
        return whole < 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{whole / 60} min {whole % 60} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(whole + 30) / 3600} h {(whole + 30) / 60 % 60} min");
    }
}
