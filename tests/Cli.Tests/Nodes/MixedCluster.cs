namespace Actors.Cli.Tests.Nodes;

/// <summary>A process that trains, and three that it does not place on: with another text, another secret, and rows of another precision.</summary>
public sealed class MixedCluster : IAsyncLifetime, IDisposable
{
    private NodeProcess? _leader;
    private NodeProcess? _stranger;

    internal TinyCluster Processes { get; } = new();

    internal NodeProcess Leader => _leader!;

    public async Task InitializeAsync()
    {
        _leader = await Processes.StartAsync();
        string other = Processes.Tiny.Folder.Write("other.txt", new string('x', 5000));
        _stranger = new NodeProcess("node", Processes.Tiny.ProfileFile, "--data", other, "--port", "0", "--seed", Processes.Address);
        await Processes.StartAsync("--secret-file", Secret());
        await Processes.StartAsync("--set", "actors.training.precision=bfloat16");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _stranger?.Dispose();
        Processes.Dispose();
    }

    private string Secret()
    {
        string path = Processes.Tiny.Folder.Write("secret", "a secret that the others do not have");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }
}
