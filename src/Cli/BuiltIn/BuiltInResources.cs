using System.Reflection;

namespace Actors.Cli.BuiltIn;

/// <summary>Files of the repository that the command carries, by their path there, such as <c>hocon/quickstart.conf</c>.</summary>
internal static class BuiltInResources
{
    private static readonly Assembly Owner = typeof(BuiltInResources).Assembly;

    /// <summary>Paths of the files in a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        [.. Owner.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Content of a file; null where there is none of this path.</summary>
    public static byte[]? Read(string path)
    {
        using Stream? stream = Owner.GetManifestResourceStream(path);
        if (stream is null)
        {
            return null;
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
