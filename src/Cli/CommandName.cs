namespace Actors.Cli;

/// <summary>How the command was started, so that a printed command can be copied.</summary>
internal static class CommandName
{
    /// <summary>That of this process.</summary>
    public static string OfProcess() => Of(
        Environment.ProcessPath ?? CommandHelp.RootName,
        Environment.GetCommandLineArgs()[0],
        Environment.GetEnvironmentVariable("PATH") ?? "",
        Environment.CurrentDirectory);

    /// <summary><c>actors</c> where it is found by its name, else what runs it from the current directory.</summary>
    /// <param name="process">Path of the process's program.</param>
    /// <param name="assembly">Path of the assembly that it runs.</param>
    /// <param name="searched">Folders in which programs are looked for, as in PATH.</param>
    /// <param name="current">The current directory.</param>
    public static string Of(string process, string assembly, string searched, string current)
    {
        if (Path.GetFileNameWithoutExtension(process) == "dotnet")
        {
            return $"dotnet {From(current, assembly)}";
        }

        string folder = Path.GetDirectoryName(process) ?? "";
        bool isFound = Path.GetFileNameWithoutExtension(process) == CommandHelp.RootName
            && searched.Split(Path.PathSeparator).Any(path => Path.TrimEndingDirectorySeparator(path) == folder);
        return isFound ? CommandHelp.RootName : From(current, process);
    }

    /// <summary>The path, relative where the file is below the current directory.</summary>
    private static string From(string current, string path)
    {
        string relative = Path.GetRelativePath(current, path);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? path
            : relative.Contains(Path.DirectorySeparatorChar) ? relative
            : Path.Combine(".", relative);
    }
}
