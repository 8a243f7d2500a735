using System.Security.Cryptography;
using System.Text;

namespace Actors.Gpu.Compiling;

/// <summary>
/// Cubins on disk, by what they depend on: source and headers, target, options and the compiler's version. A file is written beside its place and renamed,
/// so that programs that start together never read half of one.
/// </summary>
/// <param name="folder">Where they are kept.</param>
internal sealed class KernelCache(string folder)
{
    /// <summary>Most bytes of a cubin; a larger file is not one of ours.</summary>
    private const long MaxBytes = 1 << 26;

    /// <summary>The user's: <c>~/.cache/actors/kernels</c>, or below XDG_CACHE_HOME.</summary>
    public static string DefaultFolder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "actors", "kernels");

    /// <summary>The cubin of a file, compiled where it is not kept yet.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">What for.</param>
    /// <param name="compilerVersion">Version of the compiler.</param>
    /// <param name="compile">Compiles.</param>
    public byte[] Take(KernelSource source, KernelTarget target, (int Major, int Minor) compilerVersion, Func<byte[]> compile)
    {
        string path = PathOf(source, target, compilerVersion);
        if (TryRead(path) is { } kept)
        {
            return kept;
        }

        byte[] cubin = compile();
        Keep(path, cubin);
        return cubin;
    }

    /// <summary>Where the cubin of a file is kept.</summary>
    public string PathOf(KernelSource source, KernelTarget target, (int Major, int Minor) compilerVersion)
    {
        var text = new StringBuilder();
        foreach (KernelSource file in KernelSource.BuiltIn.Values.Where(file => file.IsHeader).OrderBy(file => file.Name, StringComparer.Ordinal).Append(source))
        {
            text.Append(file.Name).Append('\0').Append(file.Text).Append('\0');
        }

        text.AppendJoin('\0', KernelCompiler.Options(target)).Append('\0').Append(compilerVersion);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
        return Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(source.Name)}-{target}-{hash}.cubin");
    }

    /// <summary>A file that ends with the hash of what comes before it; any other, such as one cut short, is as none.</summary>
    private static byte[]? TryRead(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length is <= SHA256.HashSizeInBytes or > MaxBytes)
        {
            return null;
        }

        byte[] whole = File.ReadAllBytes(path);
        byte[] cubin = whole[..^SHA256.HashSizeInBytes];
        return SHA256.HashData(cubin).AsSpan().SequenceEqual(whole.AsSpan(cubin.Length)) ? cubin : null;
    }

    /// <summary>A folder that cannot be written to costs a compilation at every start, and no more.</summary>
    private static void Keep(string path, byte[] cubin)
    {
        string written = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(written, [.. cubin, .. SHA256.HashData(cubin)]);
            File.Move(written, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(written))
            {
                File.Delete(written);
            }
        }
    }
}
