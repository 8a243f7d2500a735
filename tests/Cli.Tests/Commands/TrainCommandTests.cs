using Actors.Runtime.Data;
using System.Text.Json;

namespace Actors.Cli.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeRuns _runs = new();
    private readonly string _text;

    public TrainCommandTests()
    {
        _text = _folder.Write("text.txt", new string('a', 5000));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_arguments_it_trains_the_quickstart_on_the_repositorys_sources()
    {
        CommandRun run = await CommandRun.With(_runs, "train");

        Assert.Equal(0, run.Code);
        Assert.Equal(1000, _runs.Train!.Settings.Training.Steps);
        Assert.Equal(Path.Combine("runs", "quickstart"), _runs.Train.OutputFolder);
        Assert.InRange(((ByteCorpus)_runs.Train.Corpus).Files, 50, 5000);
        Assert.Null(_runs.Train.ResumeFolder);
        Assert.Null(_runs.Train.TraceFile);
        Assert.False(_runs.Train.IsSerial);
    }

    [Fact]
    public async Task Options_become_settings()
    {
        string profile = _folder.Write("mine.conf", "actors.training.sequence-length = 64");
        string trace = Path.Combine(_folder.Path, "trace.json");

        CommandRun run = await CommandRun.With(
            _runs, "train", profile, "--data", _text, "--data", _text, "--steps", "7", "--out", "there", "--resume", _folder.Path,
            "--set", "actors.training.seed=9", "--trace", trace);

        Assert.Equal((0, "actors: placed on 8 ranks\n"), (run.Code, run.Error));
        Assert.Equal(7, _runs.Train!.Settings.Training.Steps);
        Assert.Equal(9, _runs.Train.Settings.Training.Seed);
        Assert.Equal(64, _runs.Train.Settings.Training.SequenceLength);
        Assert.Equal([_text, _text], _runs.Train.Settings.Data.Paths);
        Assert.Equal(9000, _runs.Train.Corpus.TrainingSize);
        Assert.Equal("there", _runs.Train.OutputFolder);
        Assert.Equal(_folder.Path, _runs.Train.ResumeFolder);
        Assert.Equal(trace, _runs.Train.TraceFile);
        Assert.False(_runs.Train.IsSerial);
    }

    [Theory]
    [InlineData("--data TEXT PROFILE")]
    [InlineData("--data=TEXT PROFILE")]
    [InlineData("--steps 2 --data TEXT PROFILE --serial")]
    [InlineData("--data TEXT --data TEXT PROFILE")]
    [InlineData("PROFILE --data TEXT")]
    public async Task A_profile_beside_a_text_is_the_profile(string args)
    {
        string profile = _folder.Write("mine.conf", "actors.training.sequence-length = 64");

        CommandRun run = await CommandRun.With(_runs, ["train", .. args.Replace("TEXT", _text).Replace("PROFILE", profile).Split(' ')]);

        Assert.Equal(0, run.Code);
        Assert.Equal(64, _runs.Train!.Settings.Training.SequenceLength);
        Assert.All(_runs.Train.Settings.Data.Paths, path => Assert.Equal(_text, path));
    }

    [Fact]
    public async Task Serial_is_without_actors()
    {
        await CommandRun.With(_runs, "train", "--data", _text, "--serial");

        Assert.True(_runs.Train!.IsSerial);
    }

    [Fact]
    public async Task A_resumed_run_writes_where_it_read()
    {
        await CommandRun.With(_runs, "train", "--data", _text, "--steps", "1", "--resume", _folder.Path);

        Assert.Equal(_folder.Path, _runs.Train!.OutputFolder);
    }

    [Fact]
    public async Task Plain_lines_then_the_report()
    {
        CommandRun run = await CommandRun.With(_runs, "train", "--data", _text, "--steps", "2", "--out", "there");

        Assert.Equal(
            """
            step 1/2 loss 5.5000 tokens/s 31235 bubble 12.3% skew 20.0% exposed 4.5% hidden 75.0% rate 2.00e-03 gradient 0.750 load 0.40..1.60
            step 2/2 loss 2.7500 tokens/s 31235 bubble 12.3% skew 20.0% exposed 4.5% hidden 75.0% rate 2.00e-03 gradient 0.750 load 0.40..1.60

            trained step 2 of 2: 2.05K tokens in 10.2 s, 200 tokens/s
            loss 2.1034, held-out 2.2011 nats a token

            where the ranks' time went
              experts   75.0%        6.0 s
              bubble    25.0%        2.0 s

            what crossed the links
              between nodes   12.3K rows   45.1 MB   1.20K messages
              inside nodes      999 rows   1.00 KB      12 messages

            the text begins
              To be,
              or

            the model goes on
               not
              to be

            checkpoint: there

            """,
            run.Output);
    }

    [Fact]
    public async Task Plain_lines_of_a_long_run_stay_about_a_hundred()
    {
        CommandRun run = await CommandRun.With(_runs, "train", "--data", _text, "--steps", "1234");

        string[] steps = [.. run.Output.Split('\n').Where(line => line.StartsWith("step ", StringComparison.Ordinal))];
        Assert.InRange(steps.Length, 100, 110);
        Assert.StartsWith("step 1/1234 ", steps[0], StringComparison.Ordinal);
        Assert.StartsWith("step 1234/1234 ", steps[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_an_object_a_line()
    {
        CommandRun run = await CommandRun.With(_runs, "train", "--data", _text, "--steps", "2", "--json", "--out", "there");

        IReadOnlyList<JsonElement> lines = run.JsonLines;
        Assert.Equal(["notice", "step", "step", "report"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal(2.75, lines[2].GetProperty("loss").GetDouble());
        Assert.Equal([10, 20, 30, 40], lines[2].GetProperty("expertLoad").EnumerateArray().Select(load => load.GetInt32()));
        Assert.Equal(0.6, lines[2].GetProperty("layers")[0].GetProperty("maxViolation").GetDouble());
        Assert.Equal((2, 1.5), (lines[2].GetProperty("maxNodesOfToken").GetInt32(), lines[2].GetProperty("meanNodesOfToken").GetDouble()));
        Assert.False(lines[2].TryGetProperty("balanceLoss", out _));
        Assert.Equal(2.2011, lines[3].GetProperty("heldOutLoss").GetDouble());
        Assert.Equal(6, lines[3].GetProperty("secondsByWork").GetProperty("experts").GetDouble());
        Assert.Equal(45_100_000, lines[3].GetProperty("traffic")[0].GetProperty("bytes").GetInt64());
        Assert.Equal("there", lines[3].GetProperty("checkpoint").GetString());
        Assert.Equal(JsonValueKind.Null, lines[3].GetProperty("resume").ValueKind);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task A_request_to_stop_reaches_the_run_and_the_report_says_how_to_go_on()
    {
        string profile = _folder.Write("mine.conf", "# as it is");

        CommandRun run = await CommandRun.With(
            _runs, false, ["train", profile, "--data", _text, "--steps", "3", "--out", "there", "--set", "actors.training.seed=2 "], new CancellationToken(canceled: true));

        Assert.True(_runs.WasAskedToStop);
        Assert.Equal(0, run.Code);
        Assert.Contains("\nstopped at step 3 of 3: ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith($"\ncheckpoint: there\ngo on with: actors train {profile} --resume there --data {_text} --steps 3 --set 'actors.training.seed=2 '\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_one_line_and_exit_code_1()
    {
        var runs = new FakeRuns { Failure = new InvalidOperationException("the loss of step 3 is not a number\nin layer 2") };

        CommandRun run = await CommandRun.With(runs, "train", "--data", _text, "--steps", "1");

        Assert.Equal(1, run.Code);
        Assert.EndsWith("\nactors: the loss of step 3 is not a number in layer 2\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--data none.txt", "The text none.txt does not exist: name a file or a folder.")]
    [InlineData("--data EMPTY", "The text EMPTY is empty, or no regular file: name one with at least a few thousand characters.")]
    [InlineData(
        "--data SHORT",
        "The text SHORT has 100 bytes, of which 90 are the training part, but a sequence needs 129: "
        + "name a longer text or set a smaller actors.training.sequence-length.")]
    [InlineData("--steps 0", "actors.training.steps is \"0\", but must be a whole number of 1 or more (--steps).")]
    [InlineData("--steps x", "Cannot parse argument 'x' for option '--steps': write a whole number; see actors train --help")]
    [InlineData("--steps 1,000", "Cannot parse argument '1,000' for option '--steps': write 1000; see actors train --help")]
    [InlineData("a.conf b.conf", "PROFILE is 'a.conf' and again 'b.conf': name one (several texts: --data A --data B); see actors train --help")]
    [InlineData(
        "--data a.txt b.txt",
        "b.txt would be the profile, and a profile's name ends in .conf: a text is --data b.txt; a profile without an ending goes before --data")]
    [InlineData(
        "b.txt", "b.txt would be the profile, and a profile's name ends in .conf: a text is --data b.txt; a profile without an ending goes before --data")]
    [InlineData(
        "--data a.txt --steps 5 b.txt",
        "b.txt would be the profile, and a profile's name ends in .conf: a text is --data b.txt; a profile without an ending goes before --data")]
    [InlineData(
        "--data my.conf",
        "--data my.conf: this is a profile's ending; a profile stands alone: actors train my.conf --data TEXT. To train on the file itself: --set "
        + "'actors.data.paths=[\"my.conf\"]'")]
    [InlineData("--resume none", "--resume: the folder none does not exist")]
    [InlineData("--set actors.model.path=none", "actors.model.path: the folder none does not exist")]
    public async Task Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        string empty = _folder.Write("empty.txt", "");
        string shortText = _folder.Write("short.txt", new string('a', 100));
        string Named(string text) => text.Replace("EMPTY", empty).Replace("SHORT", shortText);

        CommandRun run = await CommandRun.With(_runs, ["train", .. Named(args).Split(' ')]);

        Assert.Equal((2, "", $"actors: {Named(error)}\n"), (run.Code, run.Output, run.Error));
        Assert.Null(_runs.Train);
    }

    [Fact]
    public async Task A_trace_in_a_missing_folder_is_refused_before_training()
    {
        string folder = Path.Combine(_folder.Path, "none");

        CommandRun run = await CommandRun.With(_runs, "train", "--trace", Path.Combine(folder, "t.json"));

        Assert.Equal((2, $"actors: --trace: the folder {folder} does not exist\n"), (run.Code, run.Error));
    }
}
