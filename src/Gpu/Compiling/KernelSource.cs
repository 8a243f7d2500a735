namespace Actors.Gpu.Compiling;

/// <summary>The text of a kernel file.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Text">Its text.</param>
internal sealed record KernelSource(string Name, string Text)
{
    /// <summary>All kernel files and headers that are built in, by name.</summary>
    public static IReadOnlyDictionary<string, KernelSource> BuiltIn { get; } = ReadAll();

    /// <summary>Whether it is a header, which kernels include.</summary>
    public bool IsHeader => Name.EndsWith(".cuh", StringComparison.Ordinal);

    private static Dictionary<string, KernelSource> ReadAll()
    {
        var sources = new Dictionary<string, KernelSource>(StringComparer.Ordinal);
        foreach (string name in typeof(KernelSource).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".cu", StringComparison.Ordinal) || name.EndsWith(".cuh", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(typeof(KernelSource).Assembly.GetManifestResourceStream(name)!);
            sources.Add(name, new KernelSource(name, reader.ReadToEnd()));
        }

        return sources;
    }
}
