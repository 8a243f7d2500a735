using System.Globalization;

namespace Actors.LoadTests.Measuring;

/// <summary>The most memory that the process had in use at once since a moment, as Linux counts it; elsewhere since the process began.</summary>
internal sealed class PeakMemory
{
    private const string Status = "/proc/self/status", Reset = "/proc/self/clear_refs";
    private readonly long _before;

    /// <summary>Begins.</summary>
    public PeakMemory()
    {
        GC.Collect();
        if (File.Exists(Reset))
        {
            // 5 sets the high-water mark to what is in use now.
            File.WriteAllText(Reset, "5");
        }

        _before = Environment.WorkingSet;
    }

    /// <summary>Bytes above what was in use at the beginning.</summary>
    public long Bytes => Peak() - _before;

    private static long Peak()
    {
        const string key = "VmHWM:";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) : null;
        return line is null
            ? System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64
            : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
