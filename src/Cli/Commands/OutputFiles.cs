namespace Actors.Cli.Commands;

/// <summary>Writes the files that a command makes.</summary>
internal static class OutputFiles
{
    /// <summary>Writes a text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds then.</param>
    /// <param name="makesFolder">Whether a folder that is missing is made.</param>
    /// <exception cref="IOException">The file can't be written; the message names it and says why.</exception>
    public static void WriteText(string path, string content, bool makesFolder = false)
    {
        try
        {
            if (makesFolder)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            }

            File.WriteAllText(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} can't be written: {e.Message}", e);
        }
    }
}
