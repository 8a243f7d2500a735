using System.Globalization;
using System.Runtime.InteropServices;

namespace Actors.LoadTests.Reporting;

/// <summary>
/// Where and when a result was measured. <c>ACTORS_COMMIT</c> and <c>ACTORS_MACHINE</c> in the environment name the commit and
/// the machine; without the latter the processor's own name is taken.
/// </summary>
internal sealed record RunPlace(string Machine, string Runtime, string Date, string Commit)
{
    public static RunPlace Here() => new(
        Environment.GetEnvironmentVariable("ACTORS_MACHINE") ?? $"{ProcessorName()}, {Environment.ProcessorCount} cores",
        $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSArchitecture}",
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
        Environment.GetEnvironmentVariable("ACTORS_COMMIT") ?? "not given");

    private static string ProcessorName()
    {
        const string CpuInfo = "/proc/cpuinfo";
        if (!File.Exists(CpuInfo))
        {
            return RuntimeInformation.OSDescription;
        }

        string? line = File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
