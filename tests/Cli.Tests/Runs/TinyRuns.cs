using System.Globalization;
using System.Text;
using Actors.Cli.Runs;
using Actors.Model.Checkpoint;

namespace Actors.Cli.Tests.Runs;

/// <summary>Calls of the command on a tiny model and a small text of their own, with the real runs behind it.</summary>
internal sealed class TinyRuns : IDisposable
{
    /// <summary>A model of three layers over bytes, pipeline 2 × experts 4 in two nodes.</summary>
    private const string Profile =
        """
        actors {
          model {
            vocabulary-size = 256, hidden-size = 32, intermediate-size = 48, expert-intermediate-size = 16, layers = 3
            first-dense-layers = 1, heads = 2, query-rank = 16, key-value-rank = 16, rope-head-size = 8, nope-head-size = 8
            value-head-size = 8, routed-experts = 8, experts-per-token = 2, expert-groups = 4, expert-groups-kept = 2
            max-positions = 128, initializer-range = 0.08
          }
          parallel { pipeline-ranks = 2, expert-ranks = 4, ranks-per-node = 2 }
          pipeline { schedule = dualpipe, micro-batches = 4 }
          fabric.channels = 2
          training { batch-sequences = 4, sequence-length = 16, steps = 4, evaluation-batches = 2, learning-rate.warmup-steps = 2 }
          inference.max-length = 100
        }
        """;

    public TinyRuns()
    {
        ProfileFile = Folder.Write("tiny.conf", Profile);
        var text = new StringBuilder();
        for (int line = 0; line < 200; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"line {line}: the quick brown fox jumps over the lazy dog\n");
        }

        TextFile = Folder.Write("text.txt", text.ToString());
    }

    public TemporaryFolder Folder { get; } = new();

    public string ProfileFile { get; }

    public string TextFile { get; }

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder.Path, name);

    /// <summary>Runs the command.</summary>
    public static Task<CommandRun> RunAsync(params string[] args) => CommandRun.With(new ModelRuns(new Composition()), false, args);

    /// <summary>Trains into a folder.</summary>
    public Task<CommandRun> TrainAsync(string output, params string[] more) => TrainAsync(new Composition(), default, output, more);

    /// <summary>Trains into a folder, with a composition and a request to stop.</summary>
    public Task<CommandRun> TrainAsync(Composition composition, CancellationToken stop, string output, params string[] more) => CommandRun.With(
        new ModelRuns(composition), false, ["train", ProfileFile, "--data", TextFile, "--out", PathOf(output), "--json", .. more], stop);

    /// <summary>The losses of a run's steps, from its JSON lines.</summary>
    public static double[] Losses(CommandRun run) =>
        [.. run.JsonLines.Where(line => line.GetProperty("event").GetString() == "step").Select(line => line.GetProperty("loss").GetDouble())];

    /// <summary>Writes input_ids [2, 12] for eval.</summary>
    public string WriteInput(string name = "input.safetensors")
    {
        string path = PathOf(name);
        using SafetensorsWriter writer = SafetensorsWriter.Create(path, [new SafetensorsTensor("input_ids", SafetensorsType.I64, [2, 12])]);
        writer.WriteLongs("input_ids", [.. Enumerable.Range(0, 24).Select(i => (long)(i * 7 % 256))]);
        writer.Commit();
        return path;
    }

    public void Dispose() => Folder.Dispose();
}
