namespace Actors.Model.Checkpoint;

/// <summary>
/// A file of a checkpoint cannot be read or written. The message is one line: file, what in it, what is wrong, how to mend it.
/// </summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Reports what is wrong with <paramref name="path"/>.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="wrong">What in it, what is wrong, how to mend it.</param>
    /// <param name="cause">The failure below, if any.</param>
    public CheckpointException(string path, string wrong, Exception? cause = null)
        : base($"{path}: {wrong}".ReplaceLineEndings(" "), cause)
    {
        Path = path;
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>Whether the disk refused, such as a full one, and not the file's place or contents.</summary>
    public bool IsDiskFailure => InnerException is UnauthorizedAccessException
        || InnerException is IOException and not (FileNotFoundException or DirectoryNotFoundException or EndOfStreamException);
}
