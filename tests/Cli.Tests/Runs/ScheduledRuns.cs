using System.Text.Json;
using Actors.Model.Training;

namespace Actors.Cli.Tests.Runs;

/// <summary>Runs whose batch, learning rate and weights go by the tokens behind them.</summary>
public sealed class ScheduledRuns : IDisposable
{
    /// <summary>As in <see cref="TrainingRuns"/>: gradients summed in another order, then losses of float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    private const int Steps = 8;

    private readonly TinyRuns _tiny = new();
    private readonly string _profile;

    /// <summary>Steps of 2, 2, 4, 6 and then 8 sequences of 16 tokens, in passes of 2: 0, 32, 64, 128, 224, 352, 480, 608 tokens before them.</summary>
    public ScheduledRuns() => _profile = _tiny.Folder.Write(
        "scheduled.conf",
        File.ReadAllText(_tiny.ProfileFile) +
        """

        actors.model.predict-layers = 1
        actors.training {
          batch-sequences = 8, gradient-accumulation = 4, batch-ramp { start-sequences = 2, tokens = 192 }
          bias-update-speed-until-tokens = 224, prediction-weight-until-tokens = 128
          learning-rate { constant-until-tokens = 100, decay-until-tokens = 400, later-from-tokens = [480], later-rates = [5e-5] }
        }
        """);

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public async Task A_run_that_is_resumed_anywhere_has_the_bits_of_an_unbroken_one()
    {
        CommandRun unbroken = await TrainAsync("unbroken", "--steps", $"{Steps}");
        var losses = new List<double>();
        foreach (int last in (int[])[1, 3, 4, 6, Steps])
        {
            CommandRun part = await TrainAsync("parts", ["--steps", $"{last}", .. losses.Count > 0 ? (string[])["--resume", _tiny.PathOf("parts")] : []]);
            Assert.Equal((0, ""), (part.Code, part.Error));
            Assert.DoesNotContain(part.Output, "unbroken run", StringComparison.Ordinal);
            losses.AddRange(TinyRuns.Losses(part));
        }

        Assert.Equal(TinyRuns.Losses(unbroken), losses);
        foreach (string file in (string[])["model.safetensors", "optimizer/model.safetensors"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Newest("unbroken"), file)), await File.ReadAllBytesAsync(Path.Combine(Newest("parts"), file)));
        }

        Assert.Equal(736, RunState.Read(Newest("parts")).Tokens);
        Assert.Equal([1e-3, 2e-3, 2e-3], Rates(unbroken)[..3]);
        Assert.InRange(Rates(unbroken)[4], 2e-4, 2e-3);
        Assert.Equal([2e-4 + (1.8e-3 * 0.5 * (1 + Math.Cos(Math.PI * 252 / 300))), 5e-5, 5e-5], Rates(unbroken)[5..]);
    }

    [Fact]
    public async Task The_serial_run_has_the_same_schedule()
    {
        double[] losses = TinyRuns.Losses(await TrainAsync("actors", "--steps", $"{Steps}"));
        double[] expected = TinyRuns.Losses(await TrainAsync("serial", "--steps", $"{Steps}", "--serial"));

        Assert.Equal(expected[0], losses[0]);
        Assert.All(losses.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, LaterStepTolerance * pair.Second));
    }

    [Fact]
    public async Task Another_ramp_is_said_where_a_run_goes_on()
    {
        await TrainAsync("out", "--steps", "3");
        CommandRun run = await TrainAsync("out", "--steps", "4", "--resume", _tiny.PathOf("out"), "--set", "actors.training.batch-ramp.tokens=64");

        Assert.Equal(0, run.Code);
        Assert.Contains("unbroken run: tokens of the steps before: 128 before, 224 now", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_shows_where_a_run_changes()
    {
        CommandRun run = CommandRun.Of("config", _profile, "--schedule", "--set", $"actors.training.steps={Steps}");
        CommandRun json = CommandRun.Of("config", _profile, "--schedule", "--json", "--set", $"actors.training.steps={Steps}");

        Assert.Equal((0, ""), (run.Code, run.Error));
        string[] lines = run.Output.Split('\n');
        Assert.Matches(@"^step +tokens before +sequences +passes +micro-batches +rate +prediction weight +bias speed$", lines[0]);
        Assert.Matches(@"^ +1 +0 +2 +1 +4 +1\.00e-03 +0\.3 +0\.001$", lines[1]);
        Assert.Contains(lines, line => line.EndsWith("128          6       3              4  1.96e-03                0.1       0.001", StringComparison.Ordinal));
        Assert.Equal("8 steps, 736 tokens", lines[^2]);
        JsonElement last = json.JsonLines[0][json.JsonLines[0].GetArrayLength() - 1];
        Assert.Equal((8, 608, 8, 4), (last.GetProperty("step").GetInt32(), last.GetProperty("tokensBefore").GetInt32(), last.GetProperty("sequences").GetInt32(), last.GetProperty("passes").GetInt32()));
    }

    /// <summary>DualPipe's 4 micro-batches at least on 2 ranks, then as many pairs as hold 1 sequence each.</summary>
    [Fact]
    public void The_table_shows_the_timetables_of_small_steps()
    {
        string[] changes = ["pipeline.micro-batches=8", "training.gradient-accumulation=1", "training.batch-ramp.increment=3", $"training.steps={Steps}"];
        CommandRun run = CommandRun.Of(["config", _profile, "--schedule", "--json", .. changes.SelectMany(change => (string[])["--set", $"actors.{change}"])]);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(
            [(2, 4), (5, 6), (8, 8)],
            run.JsonLines[0].EnumerateArray().Select(row => (row.GetProperty("sequences").GetInt32(), row.GetProperty("microBatches")[0].GetInt32())).Distinct());
    }

    private Task<CommandRun> TrainAsync(string output, params string[] more) =>
        TinyRuns.RunAsync(["train", _profile, "--data", _tiny.TextFile, "--out", _tiny.PathOf(output), "--json", .. more]);

    private string Newest(string output) => RunFolder.Resolve(_tiny.PathOf(output));

    private static double[] Rates(CommandRun run) =>
        [.. run.JsonLines.Where(line => line.GetProperty("event").GetString() == "step").Select(line => line.GetProperty("learningRate").GetDouble())];
}
