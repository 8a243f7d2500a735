namespace Actors.Gpu.Tests.Compiling;

/// <summary>A theory that needs a clang that compiles CUDA for Hopper: 18 or later.</summary>
internal sealed class ClangTheoryAttribute : TheoryAttribute
{
    private static readonly string[] Names = ["clang-20", "clang-19", "clang-18"];

    public ClangTheoryAttribute()
    {
        if (Program is null)
        {
            Skip = "No clang 18 to 20 is on the path: the kernels' C++ is not checked here.";
        }
    }

    /// <summary>Path of the compiler; null: there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}
