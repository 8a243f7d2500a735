namespace Actors.Cli.Outputs;

/// <summary>Paths without symbolic links.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>The place that a path leads to through every link in it; the file need not be there.</summary>
    /// <exception cref="IOException">There are too many links: they form a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.Combine(Environment.CurrentDirectory, path);
        string real = Path.GetPathRoot(full)!;
        var parts = new Stack<string>();
        Push(parts, full[real.Length..]);
        int links = 0;
        while (parts.TryPop(out string? part))
        {
            string next = Path.Combine(real, part);
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
            }
            else if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MaxLinks)
                {
                    throw new IOException($"it leads through more than {MaxLinks} symbolic links");
                }

                string root = Path.GetPathRoot(target)!;
                real = root.Length > 0 ? root : real;
                Push(parts, target[root.Length..]);
            }
            else
            {
                real = next;
            }
        }

        return real;
    }

    private static void Push(Stack<string> parts, string path)
    {
        foreach (string part in path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
        {
            if (part is not ("" or "."))
            {
                parts.Push(part);
            }
        }
    }
}
