namespace Actors.Tests.Support;

/// <summary>Where the repository's files lie, found from the test assembly's own place.</summary>
public static class Repository
{
    /// <summary>The folder that holds Actors.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No Actors.sln above {AppContext.BaseDirectory}: run the tests from a checkout of the repository.");
    }
}
