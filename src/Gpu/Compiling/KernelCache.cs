namespace Actors.Gpu.Compiling;

/// <summary>Cubins that were compiled on this machine, by what they depend on.</summary>
/// <param name="folder">Where they are kept.</param>
internal sealed class KernelCache(string folder)
{
    /// <summary>The user's: <c>~/.cache/actors/kernels</c>, or below XDG_CACHE_HOME.</summary>
    public static string DefaultFolder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "actors", "kernels");

    /// <summary>The cubin of a file, compiled where it is not kept yet.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">What for.</param>
    /// <param name="compiler">Compiles.</param>
    public byte[] Take(KernelSource source, KernelTarget target, IKernelCompiler compiler)
    {
        string path = Path.Combine(folder, CubinFile.NameOf(source, target, compiler.Version));
        if (CubinFile.TryRead(path) is { } kept)
        {
            return kept;
        }

        byte[] cubin = compiler.Compile(source, target);
        Keep(path, cubin);
        return cubin;
    }

    /// <summary>A folder that cannot be written to costs a compilation at every start, and no more.</summary>
    private static void Keep(string path, byte[] cubin)
    {
        try
        {
            CubinFile.Write(path, cubin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start compiles again.
        }
    }
}
