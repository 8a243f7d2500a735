namespace Actors.Cli;

/// <summary>Finds the repository's own files, from the current directory or from where the command lies.</summary>
internal static class CheckoutFiles
{
    /// <summary>Path of a file or folder of the repository, such as <c>docs</c>; null outside a checkout.</summary>
    public static string? Find(string relative)
    {
        if (Path.Exists(relative))
        {
            return relative;
        }

        foreach (string start in (ReadOnlySpan<string>)[Environment.CurrentDirectory, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, relative);
                if (File.Exists(Path.Combine(folder.FullName, "Actors.sln")) && Path.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }
}
