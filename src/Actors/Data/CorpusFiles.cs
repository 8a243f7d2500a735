using Actors.Model.Files;

namespace Actors.Runtime.Data;

/// <summary>Reads the text files of a corpus, one after the other.</summary>
internal sealed class CorpusFiles(string pattern)
{
    private const int ProbeBytes = 8192;

    private readonly MemoryStream _text = new();
    private readonly List<string> _leftOut = [];

    /// <summary>The text.</summary>
    public byte[] Text => _text.Length == _text.Capacity ? _text.GetBuffer() : _text.ToArray();

    /// <summary>Bytes of the text.</summary>
    public long Length => _text.Length;

    /// <summary>Files read.</summary>
    public int Count { get; private set; }

    /// <summary>What of the folders is not in the text, and why; not what is hidden or, where there is a pattern, does not match it.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>
    /// Adds what a path means: a file, or a folder's text files in the ordinal order of their path, without hidden ones and without the
    /// build folders bin and obj.
    /// </summary>
    /// <exception cref="CorpusException">It does not exist, is no text, has no text file or a pointer to one, or cannot be read.</exception>
    public void Add(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                if (FaultOf(path) is { } fault)
                {
                    throw new CorpusException($"The text {path} {fault}.");
                }

                Count++;
            }
            else if (Directory.Exists(path))
            {
                AddFolder(path);
            }
            else
            {
                throw new CorpusException($"The text {path} does not exist: name a file or a folder.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"The text {path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>The files of text that a path means, as <see cref="Add"/> takes them, with their length; only their beginning is looked at.</summary>
    /// <param name="path">A file, or a folder.</param>
    /// <param name="leftOut">Gets what of a folder is no text, and why.</param>
    /// <exception cref="CorpusException">It does not exist, is no text, has no text file, or cannot be read.</exception>
    public static IReadOnlyList<(string Path, long Bytes)> In(string path, List<string> leftOut)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                return !File.Exists(path) ? throw new CorpusException($"The text {path} does not exist: name a file or a folder.")
                    : BeginningFaultOf(path, out long bytes) is { } fault ? throw new CorpusException($"The text {path} {fault}.")
                    : [(path, bytes)];
            }

            var found = new List<(string, long)>();
            foreach (string file in FilesIn(path, "*", leftOut))
            {
                if (BeginningFaultOf(file, out long bytes) is { } fault)
                {
                    leftOut.Add($"{file} {fault}");
                }
                else
                {
                    found.Add((file, bytes));
                }
            }

            return found.Count > 0 ? found : throw new CorpusException($"The folder {path} has no text file: name one that has.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"The text {path} can't be read: {e.Message}", e);
        }
    }

    private static string? BeginningFaultOf(string path, out long bytes)
    {
        string file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        bytes = new FileInfo(file).Length;
        if (bytes == 0)
        {
            return "is empty, or no regular file: name another";
        }

        using FileStream stream = File.OpenRead(file);
        Span<byte> probe = stackalloc byte[ProbeBytes];
        return TextKind.FaultOf(probe[..stream.ReadAtLeast(probe, ProbeBytes, throwOnEndOfStream: false)]);
    }

    private static List<string> FilesIn(string folder, string pattern, List<string> leftOut)
    {
        var files = new List<string>();
        Collect(folder, pattern, files, leftOut);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private void AddFolder(string folder)
    {
        int before = Count, leftBefore = _leftOut.Count;
        List<string> files = FilesIn(folder, pattern, _leftOut);
        foreach (string file in files)
        {
            if (FaultOf(file) is { } fault)
            {
                _leftOut.Add($"{file} {fault}");
            }
            else
            {
                Count++;
            }
        }

        if (Count == before)
        {
            string found = _leftOut.Count > leftBefore ? $"; {_leftOut[leftBefore]}" : "";
            throw new CorpusException($"The folder {folder} has no text file ({pattern}): name one that has{found}.");
        }
    }

    private static void Collect(string folder, string pattern, List<string> files, List<string> leftOut)
    {
        files.AddRange(Directory.EnumerateFiles(folder, pattern).Where(file => !IsHidden(file)));
        foreach (string inner in Directory.EnumerateDirectories(folder).Where(inner => !IsHidden(inner)))
        {
            string? reason = (File.GetAttributes(inner) & FileAttributes.ReparsePoint) != 0 ? "is a link to a folder: name the folder itself"
                : Path.GetFileName(inner) is "bin" or "obj" ? "is a build folder: name it to read it" : null;
            if (reason is null)
            {
                Collect(inner, pattern, files, leftOut);
            }
            else if (pattern == "*")
            {
                leftOut.Add($"{inner} {reason}");
            }
        }
    }

    private static bool IsHidden(string path) => Path.GetFileName(path).StartsWith('.');

    /// <summary>Adds a file to the text, without a UTF-8 mark; or says why it is none, and leaves the text as it was.</summary>
    private string? FaultOf(string path)
    {
        // A pipe, socket or device has no length, and opening one may never end.
        string file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        long bytes = new FileInfo(file).Length;
        if (bytes == 0)
        {
            return "is empty, or no regular file: name one with at least a few thousand characters";
        }

        using FileStream stream = File.OpenRead(file);
        Span<byte> probe = stackalloc byte[ProbeBytes];
        probe = probe[..stream.ReadAtLeast(probe, ProbeBytes, throwOnEndOfStream: false)];
        if (FileKind.Of(probe) is { IsPointer: true } pointer)
        {
            // Left out of a folder, it would take a part of the text with it.
            throw new CorpusException($"The text {path} {pointer}.");
        }

        if (TextKind.FaultOf(probe) is { } fault)
        {
            return fault;
        }

        long before = _text.Length;
        if (before + bytes > Array.MaxLength)
        {
            throw new CorpusException(
                $"The text {path} with what comes before it has {before + bytes} bytes, more than the {Array.MaxLength} that fit: name fewer files.");
        }

        _text.Write(FileKind.WithoutMark(probe));
        stream.CopyTo(_text);
        if (TextKind.FaultOf(_text.GetBuffer().AsSpan((int)before, (int)(_text.Length - before))) is { } later)
        {
            _text.SetLength(before);
            return later;
        }

        return null;
    }
}
