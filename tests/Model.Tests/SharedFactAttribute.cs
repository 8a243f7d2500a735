namespace Actors.Model.Tests;

/// <summary>A test that needs files of ../shared, beside the repository: skipped, with the reason, where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(params string[] files)
    {
        foreach (string file in files)
        {
            if (!Path.Exists(SharedFiles.Locate(file)))
            {
                Skip = $"There is no {SharedFiles.Locate(file)}: this test compares with reference files that are not part of the repository.";
            }
        }
    }
}
