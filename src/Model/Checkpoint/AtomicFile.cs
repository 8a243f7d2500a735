namespace Actors.Model.Checkpoint;

/// <summary>Files that are there whole or not at all: written beside, synced to the disk, renamed.</summary>
internal static class AtomicFile
{
    private const string Suffix = ".tmp";

    /// <summary>Where the contents of <paramref name="path"/> are written before the rename.</summary>
    public static string Beside(string path) => path + Suffix;

    /// <summary>Writes a small file.</summary>
    /// <exception cref="CheckpointException">It cannot be written; what was there stays.</exception>
    public static void Write(string path, ReadOnlySpan<byte> contents)
    {
        string beside = Beside(path);
        try
        {
            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(contents);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be written: {Reason(failure)}", failure);
        }
    }

    /// <summary>The system's reason in one line, without the full stop.</summary>
    public static string Reason(Exception failure) => failure.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
