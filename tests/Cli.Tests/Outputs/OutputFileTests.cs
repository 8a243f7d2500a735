using System.Diagnostics;
using System.Net.Sockets;
using Actors.Cli.Outputs;

namespace Actors.Cli.Tests.Outputs;

public sealed class OutputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_written_and_nothing_is_left_beside()
    {
        OutputFile.Of("--output", PathOf("new.txt")).WriteText("é");

        Assert.Equal("é"u8.ToArray(), File.ReadAllBytes(PathOf("new.txt")));
        Assert.Equal(["new.txt"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_check_alone_changes_nothing()
    {
        string old = _folder.Write("old.txt", "old");

        OutputFile.Of("--output", old);
        OutputFile.Of("--output", PathOf("new.txt"));

        Assert.Equal([old], Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Equal("old", File.ReadAllText(old));
    }

    [Fact]
    public void What_fails_on_the_way_leaves_the_old_file()
    {
        string old = _folder.Write("old.txt", "old");

        IOException failure = Assert.Throws<IOException>(() => OutputFile.Of("--output", old).Write(path =>
        {
            File.WriteAllText(path, "half");
            throw new IOException("No space left on device.");
        }));

        Assert.Equal($"--output: {old} cannot be written: No space left on device", failure.Message);
        Assert.Equal([old], Directory.EnumerateFileSystemEntries(_folder.Path));
        Assert.Equal("old", File.ReadAllText(old));
    }

    [Fact]
    public void A_file_keeps_its_mode_and_a_link_its_target()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string target = _folder.Write("sub/target.txt", "old");
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.CreateSymbolicLink(PathOf("folder"), "sub");
        File.CreateSymbolicLink(PathOf("link"), "folder/../sub/target.txt");

        OutputFile.Of("--output", PathOf("link")).WriteText("new");

        Assert.Equal("folder/../sub/target.txt", new FileInfo(PathOf("link")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
    }

    [Fact]
    public void A_link_to_nothing_yet_makes_its_target()
    {
        File.CreateSymbolicLink(PathOf("link"), "later.txt");

        OutputFile.Of("--output", PathOf("link")).WriteText("new");

        Assert.Equal("new", File.ReadAllText(PathOf("later.txt")));
        Assert.NotNull(new FileInfo(PathOf("link")).LinkTarget);
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        File.CreateSymbolicLink(PathOf("a"), "b");
        File.CreateSymbolicLink(PathOf("b"), "a");

        AssertRefused("symbolic links", PathOf("a"));
    }

    [Fact]
    public void Only_a_regular_file_is_replaced()
    {
        AssertRefused("it is a folder", _folder.Path);
        AssertRefused("it names a folder", PathOf("none/"));
        AssertRefused("it is a folder", "");
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        AssertRefused("it is a device", "/dev/null");
        Run("mkfifo", PathOf("pipe"));
        File.CreateSymbolicLink(PathOf("link"), "pipe");
        AssertRefused("it is a pipe", PathOf("pipe"));
        AssertRefused("it is a pipe", PathOf("link"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(PathOf("socket")));
        AssertRefused("it is a socket", PathOf("socket"));
    }

    [Fact]
    public void No_input_is_replaced_through_any_of_its_names()
    {
        string input = _folder.Write("in", "input");
        string weights = _folder.Write("model/model.safetensors", "weights");
        string moments = _folder.Write("model/optimizer/model.safetensors", "moments");
        string blob = _folder.Write("blobs/1", "config");
        string[] inputs = [input, PathOf("model"), PathOf("missing")];
        File.CreateSymbolicLink(PathOf("model/config.json"), "../blobs/1");
        File.CreateSymbolicLink(PathOf("link"), "in");
        Directory.CreateSymbolicLink(PathOf("copy"), "model");

        string[] refused = [input, PathOf("link"), PathOf("model/../in"), weights, moments, blob, PathOf("copy/model.safetensors"), PathOf("copy/generation_config.json")];
        Assert.All(refused, path => AssertRefused("which this command reads", path, inputs));

        OutputFile.Of("--output", PathOf("model/results.safetensors"), inputs).WriteText("new");
        if (OperatingSystem.IsLinux())
        {
            Run("ln", weights, PathOf("hard"));
            AssertRefused("which this command reads", PathOf("hard"), inputs);
        }
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void AssertRefused(string reason, string path, params string[] inputs)
    {
        string message = Assert.Throws<UsageException>(() => OutputFile.Of("--output", path, inputs)).Message;
        Assert.StartsWith($"--output: {path} cannot be written: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.EndsWith("; name another", message, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
