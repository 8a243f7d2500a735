using System.Globalization;

namespace Actors.Cli.Runs;

/// <summary>How much memory the machine, or the container, has free for this process.</summary>
internal static class AvailableMemory
{
    private const string MemoryInfo = "/proc/meminfo";

    /// <summary>The runtime keeps to this share of a container's limit, and names the share as the limit.</summary>
    private const double ShareOfContainer = 0.75;

    /// <summary>Bytes.</summary>
    public static double Bytes()
    {
        double limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        string[] lines = File.Exists(MemoryInfo) ? File.ReadAllLines(MemoryInfo) : [];
        return ValueOf(lines, "MemTotal:") is { } total && ValueOf(lines, "MemAvailable:") is { } free
            ? Math.Min(free, limit < total ? limit / ShareOfContainer : total)
            : limit;
    }

    /// <summary>A line's kibibytes as bytes; null where it is missing.</summary>
    internal static double? ValueOf(string[] lines, string name)
    {
        string? line = Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 1 && double.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out double kibibytes) ? 1024 * kibibytes : null;
    }
}
