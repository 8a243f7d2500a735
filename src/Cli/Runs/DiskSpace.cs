using Actors.Cli.Progress;

namespace Actors.Cli.Runs;

/// <summary>Whether a disk has room for what is to be written.</summary>
internal static class DiskSpace
{
    /// <summary>What is missing, in words; null: nothing, or the system does not say how much is free.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="bytes">What will be written.</param>
    public static string? Missing(string folder, long bytes) => Missing(bytes, FreeIn(folder));

    /// <summary>What is missing where <paramref name="free"/> bytes are free, in words, or null.</summary>
    public static string? Missing(long bytes, long? free) => free < bytes
        ? $"the disk has {Quantity.Bytes(free.Value)} free, and {Quantity.Bytes(bytes)} are needed, so {Quantity.Bytes(bytes - free.Value)} are missing"
        : null;

    private static long? FreeIn(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
