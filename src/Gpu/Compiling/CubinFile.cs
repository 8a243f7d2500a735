using System.Security.Cryptography;
using System.Text;

namespace Actors.Gpu.Compiling;

/// <summary>
/// A cubin on disk. Its name has the hash of what it depends on: source and headers, target, options and the compiler's version. It ends with the hash of
/// what comes before, and is written beside its place and renamed, so that programs that start together never read half of one.
/// </summary>
internal static class CubinFile
{
    /// <summary>How the names end.</summary>
    public const string Ending = ".cubin";

    /// <summary>Most bytes of a cubin; a larger file is not one of ours.</summary>
    private const long MaxBytes = 1 << 26;

    /// <summary>Name of the file that has a kernel file's cubin.</summary>
    public static string NameOf(KernelSource source, KernelTarget target, (int Major, int Minor) compilerVersion)
    {
        var text = new StringBuilder();
        foreach (KernelSource file in KernelSource.BuiltIn.Values.Where(file => file.IsHeader).OrderBy(file => file.Name, StringComparer.Ordinal).Append(source))
        {
            text.Append(file.Name).Append('\0').Append(file.Text).Append('\0');
        }

        text.AppendJoin('\0', KernelCompiler.Options(target)).Append('\0').Append(compilerVersion);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
        return $"{Path.GetFileNameWithoutExtension(source.Name)}-{target}-{hash}{Ending}";
    }

    /// <summary>Reads a cubin; null: the file is missing, cut short or changed.</summary>
    public static byte[]? TryRead(string path)
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

    /// <summary>Writes a cubin.</summary>
    public static void Write(string path, byte[] cubin) => WriteWhole(path, [.. cubin, .. SHA256.HashData(cubin)]);

    /// <summary>Writes a file beside its place and renames it.</summary>
    public static void WriteWhole(string path, byte[] bytes)
    {
        string written = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():n}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(written, bytes);
            File.Move(written, path, overwrite: true);
        }
        finally
        {
            File.Delete(written);
        }
    }
}
