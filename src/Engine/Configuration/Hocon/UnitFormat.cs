using System.Globalization;

namespace Akka.Configuration.Hocon;

/// <summary>Numbers with a unit: times and sizes, as the specification's "Units format" has them.</summary>
internal static class UnitFormat
{
    /// <summary>Reads a time that is not negative; a bare number counts milliseconds.</summary>
    public static bool TryReadTime(string? text, out TimeSpan time)
    {
        time = default;
        if (!TrySplit(text, out decimal number, out ReadOnlySpan<char> unit))
            return false;
        decimal ticks = unit switch
        {
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
            "us" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (!TryMultiply(number, ticks, out decimal product))
            return false;
        time = new TimeSpan((long)Math.Round(product));
        return true;
    }

    /// <summary>Reads a size that is not negative; a bare number counts bytes.</summary>
    public static bool TryReadSize(string? text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out decimal number, out ReadOnlySpan<char> unit))
            return false;
        decimal factor = unit switch
        {
            "" or "B" or "b" or "byte" or "bytes" => 1,
            "kB" or "kilobyte" or "kilobytes" => Power(1000, 1),
            "MB" or "megabyte" or "megabytes" => Power(1000, 2),
            "GB" or "gigabyte" or "gigabytes" => Power(1000, 3),
            "TB" or "terabyte" or "terabytes" => Power(1000, 4),
            "PB" or "petabyte" or "petabytes" => Power(1000, 5),
            "EB" or "exabyte" or "exabytes" => Power(1000, 6),
            "ZB" or "zettabyte" or "zettabytes" => Power(1000, 7),
            "YB" or "yottabyte" or "yottabytes" => Power(1000, 8),
            "K" or "k" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => Power(1024, 1),
            "M" or "m" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => Power(1024, 2),
            "G" or "g" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => Power(1024, 3),
            "T" or "t" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => Power(1024, 4),
            "P" or "p" or "Pi" or "PiB" or "pebibyte" or "pebibytes" => Power(1024, 5),
            "E" or "e" or "Ei" or "EiB" or "exbibyte" or "exbibytes" => Power(1024, 6),
            "Z" or "z" or "Zi" or "ZiB" or "zebibyte" or "zebibytes" => Power(1024, 7),
            "Y" or "y" or "Yi" or "YiB" or "yobibyte" or "yobibytes" => Power(1024, 8),
            _ => 0,
        };
        if (!TryMultiply(number, factor, out decimal product))
            return false;
        bytes = (long)product;
        return true;
    }

    private static bool TrySplit(string? text, out decimal number, out ReadOnlySpan<char> unit)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int end = rest.Length;
        while (end > 0 && char.IsLetter(rest[end - 1]))
            end--;
        unit = rest[end..];
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowTrailingWhite;
        return decimal.TryParse(rest[..end], Style, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Multiplies where neither step nor result exceeds 64 bits; a factor of 0 stands for an unknown unit.</summary>
    private static bool TryMultiply(decimal number, decimal factor, out decimal product)
    {
        product = 0;
        if (factor == 0 || number > long.MaxValue / factor)
            return false;
        product = number * factor;
        return product <= long.MaxValue;
    }

    private static decimal Power(decimal factor, int exponent)
    {
        decimal power = 1;
        for (int i = 0; i < exponent; i++)
            power *= factor;
        return power;
    }
}
