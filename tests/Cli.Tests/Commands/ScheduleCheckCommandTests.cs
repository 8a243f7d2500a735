using System.Text.Json;
using Actors.Schedules;
using Actors.Schedules.Communication;
using Actors.Schedules.Formats;

namespace Actors.Cli.Tests.Commands;

public sealed class ScheduleCheckCommandTests : IDisposable
{
    private const string Matching = "48 sends and their receives match, in order, without deadlock over ";

    private static readonly Timetable Plain = ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8));
    private static readonly Timetable Full = CommunicationPass.Add(Plain);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("order.csv")]
    [InlineData("order.txt")]
    [InlineData("order.json")]
    public void A_right_timetable_gets_the_summary_of_our_own(string name)
    {
        string text = Path.GetExtension(name) switch
        {
            ".csv" => TimetableCsv.Write(Plain),
            ".txt" => TimetableText.Write(Plain),
            _ => TimetableJson.Write(Plain),
        };
        CommandRun run = Check(name, text);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(
            [
                $"{(name == "order.json" ? "dualpipe" : "order")}: 4 ranks, 4 stages, 8 micro-batches, 62 actions",
                "costs: F 1, I 1, W 1, B 2, pair 3, send 0",
                "step 26, bubble 7.7%, exposed communication 0.0%, at most 5 chunks of activations and 2 stages on a rank",
            ],
            run.Output.Split('\n')[..3]);
        Assert.Contains("formula: none is known\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_are_those_of_the_command_line()
    {
        CommandRun run = Check("a.txt", "0F0 0B0 0F1 0B1", "--costs", "1,1.5,0.5");

        Assert.Contains("step 6, bubble 0.0%", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Sends_and_receives_are_checked_over_blocking_links_where_nothing_else_is_asked()
    {
        CommandRun run = Check("a.csv", TimetableCsv.Write(Full));

        Assert.Equal(0, run.Code);
        Assert.EndsWith(Matching + "blocking links\n", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("a: 4 ranks, 4 stages, 8 micro-batches, 62 actions\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("step 26, bubble 7.7%", run.Output, StringComparison.Ordinal);
        Assert.Contains("at most 5 chunks", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timetable_without_communication_is_given_it_where_links_are_asked_for()
    {
        CommandRun run = Check("a.csv", TimetableCsv.Write(Plain), "--buffered", "2");

        Assert.EndsWith(Matching + "links that hold 2\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_blocks_over_blocking_links_may_be_right_over_buffered_ones()
    {
        const string BothSendFirst = """
            0F0 0SEND_F0 0F1 0SEND_F1 0RECV_B0 0B0 0RECV_B1 0B1
            1RECV_F0 1F0 1B0 1SEND_B0 1RECV_F1 1F1 1B1 1SEND_B1
            """;
        CommandRun blocking = Check("a.txt", BothSendFirst, "--blocking");

        Assert.Equal(1, blocking.Code);
        Assert.StartsWith(
            "rank 0 position 3: 0SEND_F1 waits for rank 1 to receive it, but that rank waits at position 3 with 1SEND_B0 [NoDeadlock]\n",
            blocking.Output,
            StringComparison.Ordinal);
        Assert.Equal($"actors: {Path.Combine(_folder.Path, "a.txt")} breaks the rules of a timetable in 2 places\n", blocking.Error);
        Assert.Equal(0, Check("a.txt", BothSendFirst, "--buffered", "1").Code);
    }

    [Fact]
    public void Of_many_violations_the_first_20_and_their_number_are_written()
    {
        CommandRun run = Check("a.txt", TimetableText.Write(Plain).Replace("1F", "2F", StringComparison.Ordinal));
        string[] lines = run.Output.TrimEnd().Split('\n');

        Assert.Equal((1, 21), (run.Code, lines.Length));
        Assert.Matches("^rank [0-9]+ position [0-9]+: .* \\[[A-Za-z]+\\]$", lines[0]);
        Assert.Matches("^\\.\\.\\. and [0-9]+ more$", lines[^1]);
    }

    [Fact]
    public void Json_has_every_violation_with_rule_rank_and_position()
    {
        CommandRun run = Check("a.txt", "0F0 0F0", "--json");
        JsonElement json = Assert.Single(run.JsonLines);

        Assert.Equal(1, run.Code);
        Assert.False(json.GetProperty("valid").GetBoolean());
        JsonElement violation = Assert.Single(json.GetProperty("violations").EnumerateArray());
        Assert.Equal(
            "{\"rule\":\"Once\",\"rank\":0,\"position\":1,\"action\":\"0F0\",\"message\":\"happens already at rank 0 position 0\"}",
            violation.GetRawText());
    }

    [Fact]
    public void Json_of_a_right_timetable_has_what_it_takes()
    {
        CommandRun run = Check("a.csv", TimetableCsv.Write(Full), "--json");

        Assert.Equal((0, "", 2), (run.Code, run.Error, run.JsonLines.Count));
        Assert.True(run.JsonLines[0].GetProperty("valid").GetBoolean());
        Assert.Equal("report", run.JsonLines[1].GetProperty("event").GetString());
        Assert.Equal(26, run.JsonLines[1].GetProperty("stepTime").GetDouble());
        Assert.Equal(5, run.JsonLines[1].GetProperty("peakChunks").GetInt32());
    }

    [Theory]
    [InlineData("0F0,0F1\n0B0,1X\n", "", "line 2 column 5: rank 1: '1X' is not an action: write")]
    [InlineData("0F0 0B0", "--format json", "line 1 column 2: this is no complete JSON")]
    [InlineData("0F0 0B0", "--blocking --buffered 2", "--blocking and --buffered exclude each other; give one of them")]
    [InlineData("0F0 0B0", "--buffered 0", "--buffered 0 holds nothing; write 1 or more, or --blocking")]
    [InlineData("0F0 0B0", "--costs 1", "--costs 1 ")]
    [InlineData("0F0 0B0", "--buffered x", "for option '--buffered': write a whole number; see actors schedule check --help")]
    public void Bad_usage_and_torn_files_are_one_line_and_exit_code_2(string text, string options, string error)
    {
        CommandRun run = Check("a.txt", text, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.Equal(run.Error.Length - 1, run.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none.csv")]
    [InlineData("")]
    public void A_file_that_cannot_be_read_is_exit_code_2(string name)
    {
        CommandRun run = CommandRun.Of("schedule", "check", Path.Combine(_folder.Path, name));

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("can't be read", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_option_and_not_the_argument_of_the_command_around()
    {
        CommandRun run = CommandRun.Of("schedule", "check", "--help");

        Assert.Contains("actors schedule check <FILE> [options]", run.Output, StringComparison.Ordinal);
        Assert.All(
            ["--format", "--blocking", "--buffered <N>", "--costs", "--json"],
            option => Assert.Contains(option, run.Output, StringComparison.Ordinal));
        Assert.DoesNotContain("SCHEDULE", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("text")]
    [InlineData("json")]
    public void Communication_is_written_where_it_is_asked_for_and_checks(string format)
    {
        CommandRun run = CommandRun.Of(
            "schedule", "dualpipe", "--ranks", "4", "--micro-batches", "8", "--communication", "--format", format);

        Assert.True(TimetableReader.Parse(run.Output, "x").HasSameActionsAs(Full));
        Assert.StartsWith("dualpipe: 4 ranks, 4 stages, 8 micro-batches, 62 actions\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, Check("a", run.Output).Code);
    }

    [Fact]
    public void Communication_is_not_drawn()
    {
        CommandRun run = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "--communication", "--format", "svg");

        Assert.Equal((2, "actors: --communication is written, not drawn; use --format csv, text or json\n"), (run.Code, run.Error));
    }

    private CommandRun Check(string name, string text, params string[] options)
        => CommandRun.Of(["schedule", "check", _folder.Write(name, text), .. options]);
}
