using System.Globalization;
using System.Text;

namespace Actors.Gpu.Compiling;

/// <summary>
/// A folder of cubins that were made ahead (<c>actors kernels build</c>), for machines that have the driver and no compiler. Its list, <c>kernels.txt</c>, is
/// written last: the compiler's version, which the files' names depend on, the targets, and the files.
/// </summary>
internal sealed class KernelFolder
{
    /// <summary>Name of the list.</summary>
    public const string ListFile = "kernels.txt";

    private const string Heading = "actors-kernels 1", Compiler = "compiler ", TargetNames = "targets ";

    /// <summary>Most bytes of a list; a larger file is not one of ours.</summary>
    private const long MaxListBytes = 1 << 20;

    private readonly HashSet<string> _files;

    private KernelFolder(string path, (int Major, int Minor) compilerVersion, IReadOnlyList<KernelTarget> targets, HashSet<string> files)
    {
        Path = path;
        CompilerVersion = compilerVersion;
        Targets = targets;
        _files = files;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Version of the compiler that made the files.</summary>
    public (int Major, int Minor) CompilerVersion { get; }

    /// <summary>What they were made for.</summary>
    public IReadOnlyList<KernelTarget> Targets { get; }

    /// <summary>The files.</summary>
    public IReadOnlyCollection<string> Files => _files;

    /// <summary>The folder that the settings name, or <c>kernels</c> beside the program where that is one; null: none.</summary>
    /// <param name="named">The folder that the settings name; null: none.</param>
    /// <exception cref="CudaException">The folder is none of kernels, or its list is damaged.</exception>
    public static KernelFolder? Find(string? named)
    {
        string beside = System.IO.Path.Combine(AppContext.BaseDirectory, "kernels");
        return named is not null ? Read(named) : File.Exists(System.IO.Path.Combine(beside, ListFile)) ? Read(beside) : null;
    }

    /// <summary>Reads a folder's list.</summary>
    /// <exception cref="CudaException">There is none, or it is damaged.</exception>
    public static KernelFolder Read(string path)
    {
        var list = new FileInfo(System.IO.Path.Combine(path, ListFile));
        if (!list.Exists)
        {
            throw new CudaException($"{path} is no folder of kernels: it has no {ListFile}; make it with actors kernels build --out {path}");
        }

        try
        {
            string[] lines = list.Length <= MaxListBytes ? File.ReadAllLines(list.FullName) : [];
            if (lines is [Heading, var compiler, var targets, .. var files] && VersionIn(compiler) is { } version && TargetsIn(targets) is { Count: > 0 } read
                && Array.TrueForAll(files, IsName))
            {
                return new KernelFolder(path, version, read, [.. files]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CudaException($"{list.FullName} cannot be read: {e.Message}", e);
        }

        throw new CudaException($"{list.FullName} is damaged, or of another version of this program: make the folder again with actors kernels build --out {path}");
    }

    /// <summary>Writes a folder's list, and removes what an earlier list named and this does not.</summary>
    public static void Write(string path, (int Major, int Minor) compilerVersion, IReadOnlyList<KernelTarget> targets, IReadOnlyCollection<string> files)
    {
        IEnumerable<string> before = [];
        try
        {
            before = Read(path).Files;
        }
        catch (CudaException)
        {
            // There was none, or none that can be trusted.
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Heading}\n{Compiler}{compilerVersion.Major}.{compilerVersion.Minor}\n{TargetNames}{string.Join(' ', targets)}\n");
        text.AppendJoin('\n', files.Order(StringComparer.Ordinal)).Append('\n');
        CubinFile.WriteWhole(System.IO.Path.Combine(path, ListFile), Encoding.UTF8.GetBytes(text.ToString()));
        foreach (string file in before.Except(files))
        {
            File.Delete(System.IO.Path.Combine(path, file));
        }
    }

    /// <summary>
    /// The target whose cubins a card runs: its own, or the newest of an older card of its generation (those of sm_80 run on sm_86 and sm_89); null: there is none.
    /// </summary>
    public KernelTarget? TargetFor(KernelTarget card) =>
        Targets.Contains(card) ? card
        : Targets.Where(target => !target.HasOwnPath && !card.HasOwnPath && target.Architecture.Major == card.Architecture.Major && target.Architecture.Minor < card.Architecture.Minor)
            .OrderByDescending(target => target.Architecture.Minor).Select(target => (KernelTarget?)target).FirstOrDefault();

    /// <summary>The cubin of a file; null: the folder has none of this source and target.</summary>
    /// <exception cref="CudaException">The list has it, and the file is missing or damaged.</exception>
    public byte[]? TryTake(KernelSource source, KernelTarget target)
    {
        string name = CubinFile.NameOf(source, target, CompilerVersion);
        return !_files.Contains(name) ? null
            : CubinFile.TryRead(System.IO.Path.Combine(Path, name))
            ?? throw new CudaException(
                $"the folder of kernels {Path} is damaged: {name} is missing, cut short or changed; copy the folder again, or make it with actors kernels build --out {Path}");
    }

    /// <summary>As people read it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Path}, for {string.Join(", ", Targets)}, NVRTC {CompilerVersion.Major}.{CompilerVersion.Minor}");

    private static bool IsName(string file) => file.EndsWith(CubinFile.Ending, StringComparison.Ordinal) && file == System.IO.Path.GetFileName(file);

    private static (int Major, int Minor)? VersionIn(string line) =>
        line.StartsWith(Compiler, StringComparison.Ordinal) && Version.TryParse(line.AsSpan(Compiler.Length), out Version? version) ? (version.Major, version.Minor) : null;

    private static List<KernelTarget>? TargetsIn(string line)
    {
        if (!line.StartsWith(TargetNames, StringComparison.Ordinal))
        {
            return null;
        }

        KernelTarget?[] targets = [.. line[TargetNames.Length..].Split(' ').Select(KernelTarget.TryParse)];
        return targets.Contains(null) ? null : [.. targets.Select(target => target!.Value)];
    }
}
