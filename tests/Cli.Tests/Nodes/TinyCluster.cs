using Actors.Cli.Runs;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Processes of the real command that train the tiny model together.</summary>
internal sealed class TinyCluster : IDisposable
{
    private readonly List<NodeProcess> _nodes = [];

    /// <summary>The model, its text and a folder.</summary>
    public TinyRuns Tiny { get; } = new();

    /// <summary>Address of the first process.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Starts a process, the first as a cluster of its own, and waits until it is up.</summary>
    public async Task<NodeProcess> StartAsync(params string[] more)
    {
        string[] seed = Address.Length == 0 ? [] : ["--seed", Address];
        var node = new NodeProcess(["node", Tiny.ProfileFile, "--data", Tiny.TextFile, "--port", "0", .. seed, .. more]);
        _nodes.Add(node);
        string line = await node.LineAsync(" is up");
        Address = Address.Length == 0 ? line.Split(' ')[2] : Address;
        return node;
    }

    /// <summary>Asks the cluster to train, by way of its first process.</summary>
    /// <param name="output">Folder for checkpoints.</param>
    /// <param name="step">A step that the second part of the answer waits for.</param>
    /// <returns>The run, and what ends when the step is done.</returns>
    public (Task<CommandRun> Run, Task StepDone) Train(string output, int step = 1)
    {
        var written = new AwaitedWriter($"\"step\":{step},") { NewLine = "\n" };
        return (RunAsync(written, output), written.Written);
    }

    /// <summary>Runs a command as a caller.</summary>
    public static async Task<CommandRun> CallAsync(string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return await RunAsync(output, args);
    }

    private Task<CommandRun> RunAsync(AwaitedWriter output, string folder) =>
        RunAsync(output, ["train", "--cluster", Address, "--out", Tiny.PathOf(folder), "--json"]);

    private static async Task<CommandRun> RunAsync(TextWriter output, string[] args)
    {
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, error, IsInteractive: false, Width: 100, HasColor: false) { Input = Stream.Null };
        int code = await ActorsCommand.RunAsync(args, terminal, new ModelRuns(new Composition()), CancellationToken.None);
        return new CommandRun(code, output.ToString()!, error.ToString());
    }

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        Tiny.Dispose();
    }
}
