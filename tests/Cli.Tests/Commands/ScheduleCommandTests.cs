using System.Text.Json;
using Actors.Schedules;
using Actors.Schedules.Formats;

namespace Actors.Cli.Tests.Commands;

public sealed class ScheduleCommandTests : IDisposable
{
    private static readonly Timetable Expected = ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Csv_is_the_default_for_files_and_the_summary_goes_to_stderr()
    {
        CommandRun run = CommandRun.Of("schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8");

        Assert.Equal(0, run.Code);
        Assert.True(TimetableCsv.Parse(run.Output).HasSameActionsAs(Expected));
        Assert.Equal(
            """
            dualpipe: 4 ranks, 4 stages, 8 micro-batches, 62 actions
            costs: F 1, I 1, W 1, B 2, pair 3, send 0
            step 26, bubble 7.7%, exposed communication 0.0%, at most 5 chunks of activations and 2 stages on a rank
            rank  busy  bubble  before  within  after  exposed  chunks  activations  parameters
               0    24       2       0       2      0        0       5            5           2
               1    24       2       1       1      0        0       5            5           2
               2    24       2       1       1      0        0       5            5           2
               3    24       2       0       2      0        0       5            5           2
            bubble of a rank: 2 simulated at most, 2 by (N/2-1)(F&B+B-3W), exact
            chunks of a rank: 5 counted at most, 5 by N+1, exact
            formulas: deepseek-ai/DualPipe, README, table of bubbles and memory; DeepSeek-V3 technical report, table 2
            critical path: 100.0% computation (F 23.1%, I 7.7%, W 7.7%, B 15.4%, pairs 46.2%), 0.0% transfers, 2 switches of rank

            """,
            run.Error);
    }

    [Fact]
    public void Text_and_json_read_back()
    {
        CommandRun text = CommandRun.Of("schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--format", "text");
        CommandRun json = CommandRun.Of("schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--json");

        Assert.True(TimetableText.Parse(text.Output).HasSameActionsAs(Expected));
        Assert.True(TimetableJson.Parse(json.Output.Split('\n')[0]).HasSameActionsAs(Expected));
    }

    [Fact]
    public async Task People_get_the_terminal_form()
    {
        CommandRun run = await CommandRun.With(null, isInteractive: true, ["schedule", "1f1b", "--ranks", "2", "--micro-batches", "4"]);

        Assert.Contains(". bubble", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.svg", "<svg")]
    [InlineData("x.trace.json", "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")]
    [InlineData("x.json", "{\"schedule\":\"1f1b\"")]
    [InlineData("x.csv", "0F0,0F1,,0B0,")]
    [InlineData("x.SVG", "<svg")]
    [InlineData("x.Trace.JSON", "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")]
    public void A_file_gets_the_form_of_its_ending(string name, string start)
    {
        string path = Path.Combine(_folder.Path, name);

        CommandRun run = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "3", "-o", path);

        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Output);
        Assert.StartsWith(start, File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void With_json_the_report_is_a_line_after_the_timetable()
    {
        CommandRun run = CommandRun.Of("schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--json");

        Assert.Equal(("", 2), (run.Error, run.JsonLines.Count));
        JsonElement report = run.JsonLines[1];
        Assert.Equal("report", report.GetProperty("event").GetString());
        Assert.Equal(26, report.GetProperty("stepTime").GetDouble());
        Assert.Equal(4, report.GetProperty("perRank").GetArrayLength());
        Assert.Equal(2, report.GetProperty("perRank")[3].GetProperty("bubble").GetDouble());
        Assert.Equal("exact", report.GetProperty("formula").GetProperty("bubble").GetProperty("accuracy").GetString());
        Assert.Equal(26, report.GetProperty("criticalPath").GetProperty("compute").GetDouble());
    }

    [Fact]
    public void Beside_a_timetable_of_another_form_the_json_report_goes_to_stderr_and_beside_a_file_to_stdout()
    {
        string path = Path.Combine(_folder.Path, "x.svg");
        CommandRun csv = CommandRun.Of("schedule", "forward", "--ranks", "2", "--micro-batches", "3", "--json", "--format", "csv");
        CommandRun file = CommandRun.Of("schedule", "forward", "--ranks", "2", "--micro-batches", "3", "--json", "-o", path);

        Assert.StartsWith("0F0,", csv.Output, StringComparison.Ordinal);
        Assert.StartsWith("{\"event\":\"report\"", csv.Error, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, file.JsonLines.Single().GetProperty("formula").ValueKind);
    }

    [Theory]
    [InlineData("schedule dualpipe --ranks 3 --micro-batches 8", "dualpipe needs an even number of ranks, not 3: use 2 or 4")]
    [InlineData(
        "schedule gpip --ranks 3 --micro-batches 8",
        "unknown schedule 'gpip': did you mean gpipe? Use one of gpipe, 1f1b, interleaved-1f1b, zb1p, interleaved-zero-bubble, zbv, chimera, dualpipe, dualpipev, "
        + "forward, zb-search")]
    [InlineData("schedule zbv --ranks 3 --micro-batches 8 --stages-per-rank 3", "zbv holds 2 stages a rank, not 3: use 2")]
    [InlineData(
        "schedule interleaved-1f1b --ranks 1000 --micro-batches 10000 --stages-per-rank 4",
        "1000 ranks x 10000 micro-batches x 4 stages are more than the 16777216 that fit; use fewer")]
    [InlineData("schedule 1f1b --ranks 0 --micro-batches 8", "1f1b needs at least 1 rank, not 0: use 1")]
    [InlineData(
        "schedule 1f1b --ranks 1000000 --micro-batches 1000",
        "1000000 ranks x 1000 micro-batches are more than the 16777216 that fit; use fewer")]
    [InlineData(
        "schedule 1f1b --ranks 2 --micro-batches x",
        "Cannot parse argument 'x' for option '--micro-batches': write a whole number; see actors schedule --help")]
    [InlineData("schedule 1f1b --ranks 2", "Option '--micro-batches' is required; see actors schedule --help")]
    public void Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        CommandRun run = CommandRun.Of(args.Split(' '));

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }

    [Theory]
    [InlineData("x.png")]
    [InlineData("x")]
    [InlineData("x.svg.gz")]
    public void An_unknown_ending_is_refused_unless_the_form_is_named(string name)
    {
        string path = Path.Combine(_folder.Path, name);
        string[] args = ["schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "-o", path];

        CommandRun refused = CommandRun.Of(args);

        Assert.Equal(
            (2, $"actors: -o {path}: the ending says no form; use .trace.json, .json, .csv, .txt, .svg, or name the form with --format\n"),
            (refused.Code, refused.Error));
        Assert.False(File.Exists(path));
        Assert.Equal(0, CommandRun.Of([.. args, "--format", "csv"]).Code);
        Assert.StartsWith("0F0,", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_form_that_contradicts_the_ending_is_refused()
    {
        string path = Path.Combine(_folder.Path, "x.svg");

        CommandRun run = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "-o", path, "--format", "csv");

        Assert.Equal(2, run.Code);
        Assert.Contains("--format csv contradicts the ending", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_refused()
    {
        string path = Path.Combine(_folder.Path, "none", "x.svg");

        CommandRun run = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "-o", path);

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith($"actors: --output: {path} cannot be written: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_per_rank_shape_the_timetable()
    {
        CommandRun run = CommandRun.Of("schedule", "interleaved-1f1b", "--ranks", "2", "--micro-batches", "4", "--stages-per-rank", "3");

        Timetable expected = ScheduleCatalog.Create("interleaved-1f1b", new PipelineSize(2, 4, StagesPerRank: 3));
        Assert.True(TimetableCsv.Parse(run.Output).HasSameActionsAs(expected));
        Assert.Equal(6, expected.Stages);
    }

    [Fact]
    public void Json_has_the_placement()
    {
        CommandRun run = CommandRun.Of("schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--format", "json");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(2, json.RootElement.GetProperty("rankOfStage").GetArrayLength());
    }
}
