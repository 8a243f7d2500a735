using System.Text.Json;
using Actors.Cli.Runs;
using Actors.Schedules;

namespace Actors.Cli.Tests.Runs;

/// <summary>Training from the command to the checkpoint, through the actors and without them.</summary>
public sealed class TrainingRuns : IDisposable
{
    /// <summary>Relative: a step's update differs by the rounding of gradients summed in another order (1e-13), then the losses' float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public async Task Actors_and_the_serial_trainer_lose_the_same()
    {
        CommandRun actors = await _tiny.TrainAsync("actors");
        CommandRun serial = await _tiny.TrainAsync("serial", "--serial");

        Assert.Equal((0, 0), (actors.Code, serial.Code));
        double[] losses = TinyRuns.Losses(actors), expected = TinyRuns.Losses(serial);
        Assert.Equal(4, losses.Length);
        Assert.Equal(expected[0], losses[0]);
        Assert.All(losses.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, LaterStepTolerance * pair.Second));
        Assert.True(losses[^1] < losses[0], "nothing was learned");
        JsonElement report = actors.JsonLines[^1], serialReport = serial.JsonLines[^1];
        double heldOut = serialReport.GetProperty("heldOutLoss").GetDouble();
        Assert.Equal(heldOut, report.GetProperty("heldOutLoss").GetDouble(), LaterStepTolerance * heldOut);
        Assert.NotEqual("", report.GetProperty("sample").GetString());
    }

    /// <summary>The same losses, the same file of weights and the same text, whoever owns the memory; frames show that rows really crossed.</summary>
    [Fact]
    public async Task Nodes_with_memory_of_their_own_train_the_same_model()
    {
        CommandRun shared = await _tiny.TrainAsync("shared");
        CommandRun apart = await _tiny.TrainAsync("apart", "--set", "actors.parallel.share-memory=off");

        Assert.Equal((0, 0), (shared.Code, apart.Code));
        Assert.Equal(TinyRuns.Losses(shared), TinyRuns.Losses(apart));
        foreach (string file in (string[])["model.safetensors", "optimizer/model.safetensors"])
        {
            byte[] expected = File.ReadAllBytes(Path.Combine(_tiny.PathOf("shared"), "step-00000004", file));
            Assert.True(expected.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_tiny.PathOf("apart"), "step-00000004", file))), $"{file} differs");
        }

        JsonElement report = apart.JsonLines[^1];
        Assert.Equal(shared.JsonLines[^1].GetProperty("sample").GetString(), report.GetProperty("sample").GetString());
        Assert.Equal(
            ["between nodes", "inside nodes", "pipeline, gradients, values"],
            report.GetProperty("traffic").EnumerateArray().Select(link => link.GetProperty("hop").GetString()));
        CommandRun resumed = await _tiny.TrainAsync(
            "apart", "--resume", _tiny.PathOf("apart"), "--steps", "5", "--set", "actors.parallel.share-memory=off");
        Assert.Equal(0, resumed.Code);
    }

    [Fact]
    public async Task A_checkpoint_holds_model_optimizer_and_step_and_nothing_half_written()
    {
        await _tiny.TrainAsync("out", "--set", "actors.training.checkpoint-every-steps=1");

        string root = _tiny.PathOf("out");
        Assert.Equal(["step-00000003", "step-00000004"], Directory.GetFileSystemEntries(root).Select(Path.GetFileName).Order());
        string[] files = [.. Directory.GetFiles(Path.Combine(root, "step-00000004"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(root, "step-00000004"), file)).Order(StringComparer.Ordinal)];
        Assert.Equal(["config.json", "model.safetensors", "optimizer/model.safetensors", "training.json"], files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_interrupted_run_goes_on_to_the_same_losses(bool isSerial)
    {
        string[] more = isSerial ? ["--steps", "6", "--serial"] : ["--steps", "6"];
        CommandRun whole = await _tiny.TrainAsync("whole", more);
        using var stop = new CancellationTokenSource();
        CommandRun interrupted = await _tiny.TrainAsync(StoppingAfter(isSerial ? 3 : 40, stop), stop.Token, "part", more);

        JsonElement report = interrupted.JsonLines[^1];
        int reached = report.GetProperty("step").GetInt32();
        Assert.Equal(0, interrupted.Code);
        Assert.InRange(reached, 1, 5);
        Assert.Contains($"--resume {_tiny.PathOf("part")} --data {_tiny.TextFile} --json --steps 6", report.GetProperty("resume").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("heldOutLoss").ValueKind);

        CommandRun resumed = await _tiny.TrainAsync("part", [.. more, "--resume", _tiny.PathOf("part")]);

        Assert.Equal(0, resumed.Code);
        double[] losses = [.. TinyRuns.Losses(interrupted), .. TinyRuns.Losses(resumed)];
        Assert.Equal(TinyRuns.Losses(whole), losses);
        Assert.Equal("step-00000006", Path.GetFileName(resumed.JsonLines[^1].GetProperty("checkpoint").GetString()));
    }

    [Fact]
    public async Task Going_on_from_a_step_s_own_folder_writes_beside_it()
    {
        await _tiny.TrainAsync("out", "--steps", "1");

        CommandRun resumed = await CommandRun.With(
            new ModelRuns(new Composition()), "train", _tiny.ProfileFile, "--data", _tiny.TextFile, "--steps", "2", "--json",
            "--resume", Path.Combine(_tiny.PathOf("out"), "step-00000001"));

        Assert.Equal(_tiny.PathOf("out/step-00000002"), resumed.JsonLines[^1].GetProperty("checkpoint").GetString());
    }

    [Fact]
    public async Task Kept_activations_train_to_the_same_losses_as_recomputed_ones()
    {
        CommandRun recomputed = await _tiny.TrainAsync("a", "--steps", "2");
        CommandRun kept = await _tiny.TrainAsync("b", "--steps", "2", "--set", "actors.training.recompute=off");

        Assert.Equal((0, ""), (kept.Code, kept.Error));
        Assert.Equal(TinyRuns.Losses(recomputed), TinyRuns.Losses(kept));
        Assert.Equal(JsonValueKind.Number, kept.JsonLines[^1].GetProperty("heldOutLoss").ValueKind);
    }

    [Fact]
    public async Task A_trace_has_compute_and_communication_of_every_rank()
    {
        string trace = _tiny.PathOf("trace.json");

        await _tiny.TrainAsync("out", "--steps", "1", "--trace", trace);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(trace));
        JsonElement[] events = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(traced => traced.GetProperty("ph").GetString() == "X")];
        Assert.All(events, traced => Assert.True(traced.GetProperty("dur").GetDouble() >= 0 && traced.GetProperty("ts").GetDouble() >= 0));
        for (int rank = 0; rank < 8; rank++)
        {
            Assert.Contains(events, traced => IsOf(traced, rank, 0));
            Assert.Contains(events, traced => IsOf(traced, rank, 1));
        }
    }

    [Fact]
    public async Task A_trace_has_the_timetable_s_actions_of_every_step_and_costs_come_from_it()
    {
        string trace = _tiny.PathOf("trace.json");

        await _tiny.TrainAsync("out", "--steps", "3", "--trace", trace);

        Timetable timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(2, 4));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(trace));
        JsonElement[] actions = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(traced => traced.TryGetProperty("cat", out JsonElement category) && category.GetString() == "action")];
        for (int rank = 0; rank < 8; rank++)
        {
            string[] played = [.. actions.Where(traced => IsOf(traced, rank, 2)).Select(traced => traced.GetProperty("args").GetProperty("action").GetString()!)];
            string[] step = [.. timetable.ActionsOf(rank / 4).Select(action => action.ToString())];
            Assert.Equal([.. step, .. step, .. step], played);
        }

        CommandRun costs = CommandRun.Of("schedule", "dualpipe", "--ranks", "2", "--micro-batches", "4", "--costs-from", trace, "--json");
        CommandRun spread = CommandRun.Of("schedule", "1f1b", "--ranks", "4", "--micro-batches", "4", "--costs-from", trace);

        Assert.Equal((0, 0), (costs.Code, spread.Code));
        JsonElement report = costs.JsonLines[1];
        Assert.Equal("ms", report.GetProperty("unit").GetString());
        Assert.Equal(2, report.GetProperty("stageCosts").GetArrayLength());
        Assert.True(report.GetProperty("stageCosts")[1].GetProperty("backwardWeights").GetDouble() > 0);
        Assert.True(report.GetProperty("stepTime").GetDouble() > 0);
        Assert.Contains($"; medians of 2 steps in {trace} of 2 stages, spread evenly over 4\n", spread.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2000, "trace.json")]
    [InlineData(2000, "trace.svg")]
    [InlineData(20, "trace.json")]
    public async Task A_trace_that_did_not_fit_says_so_and_how_to_trace_fewer_steps(int capacity, string name)
    {
        string trace = _tiny.PathOf(name);

        CommandRun run = await _tiny.TrainAsync(
            new Composition(), default, "out", "--steps", "20", "--trace", trace, "--set", $"actors.trace.events-per-rank={capacity}");

        Assert.Equal(0, run.Code);
        string notice = run.JsonLines.Where(line => line.GetProperty("event").GetString() == "notice").Last().GetProperty("text").GetString()!;
        Assert.Equal(capacity == 2000, File.Exists(trace));
        Assert.Matches(
            capacity == 2000
                ? $"trace: {trace} ends with step [1-9][0-9]? of 20: [1-9][0-9]* events beyond 2000 a rank were dropped; to trace all, train fewer steps: --steps [1-9][0-9]?, or raise actors\\.trace\\.events-per-rank$"
                : $"trace: {trace} is not written, no whole step was traced; 20 events a rank fit \\(actors\\.trace\\.events-per-rank\\)$",
            notice);
    }

    [Fact]
    public async Task A_model_folder_is_where_a_fresh_run_starts_from()
    {
        await _tiny.TrainAsync("first", "--steps", "2");
        CommandRun second = await _tiny.TrainAsync("second", "--steps", "1", "--set", $"actors.model.path={_tiny.PathOf("first")}");
        CommandRun serial = await _tiny.TrainAsync("third", "--serial", "--steps", "1", "--set", $"actors.model.path={_tiny.PathOf("first")}");

        Assert.Equal((0, 0), (second.Code, serial.Code));
        Assert.Equal(TinyRuns.Losses(serial), TinyRuns.Losses(second));
    }

    private static bool IsOf(JsonElement traced, int rank, int row) =>
        traced.GetProperty("pid").GetInt32() == rank && traced.GetProperty("tid").GetInt32() == row;

    /// <summary>Asks to stop while steps run: at a number of looks at the clock, which every step takes.</summary>
    private static Composition StoppingAfter(int looks, CancellationTokenSource stop) => new() { Time = new StoppingClock(looks, stop) };

    private sealed class StoppingClock(int looks, CancellationTokenSource stop) : TimeProvider
    {
        private int _looks;

        public override long GetTimestamp()
        {
            if (Interlocked.Increment(ref _looks) == looks)
            {
                stop.Cancel();
            }

            return base.GetTimestamp();
        }
    }
}
