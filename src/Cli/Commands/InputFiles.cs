namespace Actors.Cli.Commands;

/// <summary>Files that options name. One that can't be read is a usage error of one line.</summary>
internal static class InputFiles
{
    public static byte[] ReadBytes(string path) => Read(path, File.ReadAllBytes);

    public static string[] ReadLines(string path) => Read(path, File.ReadAllLines);

    public static string ReadText(string path, long mostBytes) => Read(path, name =>
    {
        long bytes = new FileInfo(name).Length;
        return bytes <= mostBytes ? File.ReadAllText(name) : throw new UsageException($"{path} has {bytes} bytes; at most {mostBytes} are read");
    });

    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path} can't be read: {e.Message}");
        }
    }
}
