using Actors.Gpu.Libraries;

namespace Actors.Gpu.Tests.Libraries;

/// <summary>Where libraries are looked for, and in which order.</summary>
public sealed class LibraryFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_named_folder_comes_before_the_environments()
    {
        _environment["CUDA_HOME"] = "/opt/of-environment";

        string[] folders = [.. Folders().First("/opt/named")];

        Assert.Contains(Path.Combine("/opt/named", "lib64"), folders);
        Assert.True(Array.IndexOf(folders, "/opt/named/") < Array.IndexOf(folders, Path.Combine("/opt/of-environment", "lib64")));
    }

    [Fact]
    public void Packages_of_pip_are_found_beside_the_interpreter_on_the_path()
    {
        _environment["PATH"] = _folder.File("env/bin");
        _folder.Write("env/bin/python3", "");
        _folder.Write("env/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13", "");
        _folder.Write("env/lib/python3.12/site-packages/nvidia/cublas/lib/libcublasLt.so.12", "");

        string[] folders = [.. Folders().Last().Take(2)];

        Assert.Equal(["cu13", "cublas"], folders.Select(folder => Path.GetFileName(Path.GetDirectoryName(folder))));
    }

    private LibraryFolders Folders() => new(_environment.GetValueOrDefault);
}
