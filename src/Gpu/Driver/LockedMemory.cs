namespace Actors.Gpu.Driver;

/// <summary>How much memory the system lets this process pin, for the error where pinning failed: a driver may or may not keep to it.</summary>
internal static class LockedMemory
{
    private const string Limits = "/proc/self/limits", Name = "Max locked memory", Unlimited = "unlimited";

    /// <summary>The limit in words, beginning with a space; empty where there is none, or the system does not say.</summary>
    public static string LimitText() => File.Exists(Limits) ? TextOf(File.ReadLines(Limits)) : "";

    /// <summary>The limit in words from the lines of the system's list of limits: name, soft limit, hard limit, unit.</summary>
    public static string TextOf(IEnumerable<string> limits)
    {
        string? soft = limits.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return soft is null or Unlimited ? "" : $" (the process may lock {soft} bytes, ulimit -l)";
    }
}
