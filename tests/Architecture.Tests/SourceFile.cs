namespace Actors.Architecture.Tests;

/// <summary>A C# file of the repository.</summary>
/// <param name="Path">Its path from the repository's root, with slashes.</param>
/// <param name="Lines">Its text.</param>
internal sealed record SourceFile(string Path, string[] Lines)
{
    private static readonly string[] Roots = ["src", "tests", "load-tests"];

    private static readonly EnumerationOptions Recursive = new() { RecurseSubdirectories = true };

    /// <summary>All files that people write.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Roots.SelectMany(Files)];

    /// <summary>The files in a folder.</summary>
    public static IEnumerable<SourceFile> In(string folder) => All.Where(file => file.Path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>The places whose line fits, as path, line number and text.</summary>
    public IEnumerable<string> Places(Func<string, bool> fits) =>
        Lines.Index().Where(line => fits(line.Item)).Select(line => $"{Path}({line.Index + 1}): {line.Item.Trim()}");

    private static IEnumerable<SourceFile> Files(string root) =>
        Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, root), "*.cs", Recursive)
            .Select(file => (File: file, Path: System.IO.Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')))
            .Where(found => !found.Path.Split('/').Any(folder => folder is "bin" or "obj"))
            .Select(found => new SourceFile(found.Path, File.ReadAllLines(found.File)));
}
