namespace Actors.Model.Tests;

/// <summary>Finds files of ../shared, beside the repository.</summary>
internal static class SharedFiles
{
    private static readonly string Root = FindRoot();

    public static string Locate(string file) => Path.GetFullPath(Path.Combine(Root, "..", "shared", file));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Actors.sln above {AppContext.BaseDirectory}: run the tests from a checkout of the repository.");
    }
}
