namespace Actors.Gpu.Libraries;

/// <summary>
/// Folders that may have a toolkit's libraries, in the order in which they are looked through: the one that the settings name, CUDA_HOME, then,
/// after the loader's own, pip's nvidia packages of the Python environments in reach.
/// </summary>
/// <param name="variable">Reads a variable of the environment; null where it is not set.</param>
internal sealed class LibraryFolders(Func<string, string?> variable)
{
    private static readonly string[] InToolkit = ["lib64", "lib", "targets/x86_64-linux/lib", "bin", "bin/x64", ""];

    /// <summary>Folders before the loader's.</summary>
    /// <param name="named">The folder that the settings name; null: none.</param>
    public IEnumerable<string> First(string? named) =>
        new[] { named, variable("CUDA_HOME"), variable("CUDA_PATH") }
            .Where(folder => !string.IsNullOrEmpty(folder))
            .SelectMany(folder => InToolkit.Select(inner => Path.Combine(folder!, inner)));

    /// <summary>Folders after the loader's.</summary>
    public IEnumerable<string> Last() =>
        Environments().Distinct(StringComparer.Ordinal).SelectMany(SitePackages).SelectMany(packages => Nvidia(Path.Combine(packages, "nvidia")));

    /// <summary>Roots of Python environments: the active one, those whose interpreter is on the path, the user's own, the system's.</summary>
    private IEnumerable<string> Environments()
    {
        foreach (string name in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
        {
            if (variable(name) is { Length: > 0 } root)
            {
                yield return root;
            }
        }

        foreach (string folder in (variable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (File.Exists(Path.Combine(folder, "python3")) && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) is { } root)
            {
                yield return root;
            }
        }

        if (variable("HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".local");
        }

        yield return "/usr/local";
    }

    private static IEnumerable<string> SitePackages(string root)
    {
        string lib = Path.Combine(root, "lib");
        return Directory.Exists(lib)
            ? Directory.EnumerateDirectories(lib, "python3*").Order(StringComparer.Ordinal)
                .SelectMany(version => new[] { Path.Combine(version, "site-packages"), Path.Combine(version, "dist-packages") })
            : [];
    }

    /// <summary>CUDA 13's packages share nvidia/cu13/lib; those of 12 have a folder each, nvidia/cublas/lib.</summary>
    private static IEnumerable<string> Nvidia(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).OrderBy(IsOfOneLibrary).ThenBy(package => package, StringComparer.Ordinal)
                .Select(package => Path.Combine(package, "lib")).Where(Directory.Exists)
            : [];

    /// <summary>Whether a package holds one library of CUDA 12 rather than all of a later version, which come first.</summary>
    private static bool IsOfOneLibrary(string package) => !char.IsAsciiDigit(Path.GetFileName(package).ElementAtOrDefault(2));
}
