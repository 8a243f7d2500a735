namespace Actors.Runtime.Data;

/// <summary>Finds the text files of a corpus.</summary>
internal static class CorpusFiles
{
    private const int ProbeBytes = 8192;

    /// <summary>
    /// The files that the paths mean, in the order of the paths; a folder means its text files (no zero byte at their beginning) in
    /// the ordinal order of their path, without hidden ones and without the build folders bin and obj.
    /// </summary>
    /// <exception cref="CorpusException">A path does not exist, a folder has no text file, or something cannot be read.</exception>
    public static List<string> Find(IReadOnlyList<string> paths, string pattern)
    {
        var files = new List<string>();
        foreach (string path in paths)
        {
            if (File.Exists(path))
            {
                files.Add(path);
            }
            else if (Directory.Exists(path))
            {
                AddFolder(path, pattern, files);
            }
            else
            {
                throw new CorpusException($"The text {path} does not exist: name a file or a folder.");
            }
        }

        return files;
    }

    private static void AddFolder(string folder, string pattern, List<string> files)
    {
        int before = files.Count;
        try
        {
            Collect(folder, pattern, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"The folder {folder} can't be read: {e.Message}", e);
        }

        if (files.Count == before)
        {
            throw new CorpusException($"The folder {folder} has no text file ({pattern}): name one that has.");
        }

        files.Sort(before, files.Count - before, StringComparer.Ordinal);
    }

    private static void Collect(string folder, string pattern, List<string> files)
    {
        foreach (string file in Directory.EnumerateFiles(folder, pattern))
        {
            if (!IsHidden(file) && IsText(file))
            {
                files.Add(file);
            }
        }

        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            bool isLink = (File.GetAttributes(inner) & FileAttributes.ReparsePoint) != 0;
            if (!isLink && !IsHidden(inner) && Path.GetFileName(inner) is not ("bin" or "obj"))
            {
                Collect(inner, pattern, files);
            }
        }
    }

    private static bool IsHidden(string path) => Path.GetFileName(path).StartsWith('.');

    private static bool IsText(string file)
    {
        Span<byte> probe = stackalloc byte[ProbeBytes];
        using FileStream stream = File.OpenRead(file);
        return !probe[..stream.ReadAtLeast(probe, ProbeBytes, throwOnEndOfStream: false)].Contains((byte)0);
    }
}
