using System.Text.Json;
using Actors.Cli.Runs;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Processes of the real command that train the tiny model together.</summary>
internal sealed class TinyCluster : IDisposable
{
    private readonly List<NodeProcess> _nodes = [];
    private readonly List<string> _addresses = [];

    /// <summary>The model, its text and a folder.</summary>
    public TinyRuns Tiny { get; } = new();

    /// <summary>Address of the process that is asked: the first, unless another is named.</summary>
    public string Address => _addresses.Count == 0 ? "" : _addresses[Asked];

    /// <summary>Number of the process that is asked.</summary>
    public int Asked { get; set; }

    /// <summary>Starts a process, the first as a cluster of its own, and waits until it is up.</summary>
    public async Task<NodeProcess> StartAsync(params string[] more)
    {
        string[] seed = Address.Length == 0 ? [] : ["--seed", Address];
        var node = new NodeProcess(["node", Tiny.ProfileFile, "--data", Tiny.TextFile, "--port", "0", .. seed, .. more]);
        _nodes.Add(node);
        string line = await node.LineAsync(" is up");
        _addresses.Add(line.Split(' ')[2]);
        return node;
    }

    /// <summary>Asks the cluster to train, by way of its first process.</summary>
    /// <param name="output">Folder for checkpoints.</param>
    /// <param name="step">A step that the second part of the answer waits for.</param>
    /// <param name="stop">Asks to end training.</param>
    /// <returns>The run, and what ends when the step is done.</returns>
    public (Task<CommandRun> Run, Task StepDone) Train(string output, int step = 1, CancellationToken stop = default)
    {
        var written = new AwaitedWriter($"\"step\":{step},") { NewLine = "\n" };
        return (RunAsync(written, ["train", "--cluster", Address, "--out", Tiny.PathOf(output), "--json"], stop), written.Written);
    }

    /// <summary>Asks the cluster to go on with a text, by way of its first process.</summary>
    /// <returns>The run, and what ends when the answer has begun.</returns>
    public (Task<CommandRun> Run, Task Began) Ask(params string[] args)
    {
        var written = new AwaitedWriter("\"event\":\"text\"") { NewLine = "\n" };
        return (RunAsync(written, ["infer", "--cluster", Address, "--json", .. args], CancellationToken.None), written.Written);
    }

    /// <summary>Runs a command as a caller.</summary>
    public static async Task<CommandRun> CallAsync(string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        return await RunAsync(output, args, CancellationToken.None);
    }

    /// <summary>Starts three processes that train together when all are there.</summary>
    public async Task<NodeProcess[]> StartThreeAsync(int steps, params string[] more)
    {
        var nodes = new NodeProcess[3];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = await StartOfThreeAsync(steps, more);
        }

        return nodes;
    }

    /// <summary>Starts one of three processes that train together when all are there.</summary>
    public Task<NodeProcess> StartOfThreeAsync(int steps, params string[] more) =>
        StartAsync(["--set", "actors.cluster.processes=3", "--set", $"actors.training.steps={steps}", .. more]);

    /// <summary>The same run in one process without a cluster.</summary>
    public async Task<CommandRun> TrainAloneAsync(int steps, params string[] more)
    {
        CommandRun alone = await Tiny.TrainAsync("alone", ["--set", $"actors.training.steps={steps}", .. more]);
        Assert.True(alone.Code == 0, alone.Error);
        return alone;
    }

    /// <summary>The steps that a run told of.</summary>
    public static IEnumerable<JsonElement> StepsOf(CommandRun run) => run.JsonLines.Where(line => line.GetProperty("event").GetString() == "step");

    /// <summary>
    /// A run went as in one process. Steps may be told twice, where they were trained again: each time they have the same loss. What the report says
    /// of the model is the same.
    /// </summary>
    public static void AssertTrained(CommandRun run, CommandRun alone, int steps)
    {
        Assert.True(run.Code == 0, run.Error);
        double[] expected = TinyRuns.Losses(alone);
        int last = 0;
        foreach (JsonElement step in StepsOf(run))
        {
            last = step.GetProperty("step").GetInt32();
            Assert.Equal(expected[last - 1], step.GetProperty("loss").GetDouble());
        }

        Assert.True(steps == last, $"ended after step {last}:\n{string.Join('\n', run.Notices)}\n{run.JsonLines[^1]}");
        JsonElement report = Assert.Single(run.JsonLines, line => line.GetProperty("event").GetString() == "report");
        Assert.Equal(alone.JsonLines[^1].GetProperty("heldOutLoss").GetDouble(), report.GetProperty("heldOutLoss").GetDouble());
        Assert.Null(report.GetProperty("noSample").GetString());
        Assert.Equal(Sample(alone.JsonLines[^1]), Sample(report));

        static (string?, string?) Sample(JsonElement report) => (report.GetProperty("samplePrompt").GetString(), report.GetProperty("sample").GetString());
    }

    private static async Task<CommandRun> RunAsync(TextWriter output, string[] args, CancellationToken stop)
    {
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, error, IsInteractive: false, Width: 100, HasColor: false) { Input = Stream.Null };
        int code = await ActorsCommand.RunAsync(args, terminal, new ModelRuns(new Composition()), stop);
        return new CommandRun(code, output.ToString()!, error.ToString());
    }

    public void Dispose()
    {
        _nodes.ForEach(node => node.Dispose());
        Tiny.Dispose();
    }
}
