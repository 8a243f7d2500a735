using System.Reflection;
using System.Runtime.InteropServices;

namespace Actors.Gpu.Libraries;

/// <summary>Finds and loads the libraries of CUDA. One set for the process: a library that has been loaded stays.</summary>
public static class CudaLibraries
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<CudaLibrary, LoadedLibrary> Loaded = [];
    private static readonly LibraryFolders Folders = new(Environment.GetEnvironmentVariable);
    private static string? _named;

    static CudaLibraries() => NativeLibrary.SetDllImportResolver(typeof(CudaLibraries).Assembly, Resolve);

    /// <summary>Names the folder that is looked through first. Later calls change nothing for libraries that have been loaded.</summary>
    public static void UseFolder(string? folder)
    {
        lock (Gate)
        {
            _named = folder;
        }
    }

    /// <summary>Loads a library.</summary>
    /// <exception cref="CudaException">It is nowhere; the message says where it was looked for and what to install.</exception>
    public static LoadedLibrary Load(CudaLibrary library)
    {
        ArgumentNullException.ThrowIfNull(library);
        lock (Gate)
        {
            if (!Loaded.TryGetValue(library, out LoadedLibrary? loaded))
            {
                loaded = Find(library) ?? throw new CudaException(
                    $"{string.Join(" or ", library.Files.Where(IsOfThisSystem))} was not found{Searched(library)}: {library.Advice}");
                Loaded.Add(library, loaded);
            }

            return loaded;
        }
    }

    private static LoadedLibrary? Find(CudaLibrary library)
    {
        string[] files = [.. library.Files.Where(IsOfThisSystem)];
        return (library.IsOfToolkit ? InFolders(files, Folders.First(_named)) : null)
            ?? ByLoader(files)
            ?? (library.IsOfToolkit ? InFolders(files, Folders.Last()) : null);
    }

    private static LoadedLibrary? InFolders(string[] files, IEnumerable<string> folders)
    {
        foreach (string path in folders.SelectMany(folder => files.Select(file => Path.Combine(folder, file))))
        {
            if (File.Exists(path) && NativeLibrary.TryLoad(path, out nint handle))
            {
                return new LoadedLibrary(path, handle);
            }
        }

        return null;
    }

    private static LoadedLibrary? ByLoader(string[] files)
    {
        foreach (string file in files)
        {
            if (NativeLibrary.TryLoad(file, out nint handle))
            {
                return new LoadedLibrary(file, handle);
            }
        }

        return null;
    }

    private static bool IsOfThisSystem(string file) => OperatingSystem.IsWindows() == file.EndsWith(".dll", StringComparison.Ordinal);

    private static string Searched(CudaLibrary library) => library.IsOfToolkit
        ? $" by the loader, nor in {(_named is null ? "" : $"{_named}, ")}CUDA_HOME or pip's nvidia packages"
        : " by the loader";

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        CudaLibrary.All.FirstOrDefault(library => library.Name == name) is { } library ? Load(library).Handle : 0;
}
