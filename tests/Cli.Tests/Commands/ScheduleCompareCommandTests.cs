using System.Text.Json;

namespace Actors.Cli.Tests.Commands;

public sealed class ScheduleCompareCommandTests
{
    [Fact]
    public void All_schedules_stand_in_one_table()
    {
        CommandRun run = CommandRun.Of("schedule", "compare", "--ranks", "16", "--micro-batches", "120");

        Assert.Equal(0, run.Code);
        Assert.Matches("(?m)^zb1p +16 +16 +120 +375 +50 +4\\.0% +0\\.0% +16 +16 +1  ranks >= 1", run.Output);
        Assert.Matches("(?m)^dualpipev +8 +16 +120 +734 +48\\.933 +1\\.9% +0\\.0% +17 +17 +2  ranks >= 1", run.Output);
        Assert.Matches("(?m)^\\* chimera needs .* shown with 128 micro-batches on 16 ranks$", run.Output);
        Assert.StartsWith("equal stages: the model cut into 16 stages for every schedule\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_order_and_what_is_equal_are_options()
    {
        CommandRun run = CommandRun.Of(
            "schedule", "compare", "--ranks", "4", "--micro-batches", "8", "--equal", "ranks", "--sort", "time", "--costs", "2,2,2", "--pair-gain", "0.5",
            "--format", "csv");

        string[] lines = run.Output.Split('\n');
        Assert.StartsWith("dualpipe,4,4,8,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("equal ranks: 4 for every schedule", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_narrow_terminal_gets_constraints_below_the_table()
    {
        CommandRun run = await CommandRun.With(null, isInteractive: true, ["schedule", "compare", "--ranks", "4", "--micro-batches", "8"]);

        Assert.Contains("\ngpipe: ranks >= 1, micro-batches >= 1\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_a_line_a_schedule()
    {
        CommandRun run = CommandRun.Of("schedule", "compare", "--ranks", "16", "--micro-batches", "120", "--json");

        Assert.Equal("", run.Error);
        Assert.Equal("comparison", run.JsonLines[0].GetProperty("event").GetString());
        JsonElement chimera = run.JsonLines.Single(line => line.TryGetProperty("schedule", out JsonElement name) && name.GetString() == "chimera");
        Assert.EndsWith("use 112 or 128", chimera.GetProperty("refusal").GetString(), StringComparison.Ordinal);
        Assert.Equal(128, chimera.GetProperty("microBatches").GetInt32());
        JsonElement plain = run.JsonLines[2];
        Assert.Equal(("1f1b", 405, 16), (plain.GetProperty("schedule").GetString(), plain.GetProperty("stepTime").GetDouble(), plain.GetProperty("peakChunks").GetInt32()));
        Assert.Equal(JsonValueKind.Null, plain.GetProperty("refusal").ValueKind);
    }

    [Fact]
    public void What_zb_search_finds_has_a_row_for_a_memory_limit_or_for_zb1p_s_and_twice_that()
    {
        string[] size = ["schedule", "compare", "--ranks", "4", "--micro-batches", "12", "--costs", "2,2.5,1.5"];
        CommandRun plain = CommandRun.Of(size);
        CommandRun limited = CommandRun.Of([.. size, "--memory", "3", "--json"]);

        Assert.Matches("(?m)^zb-search<=4 +4 +4 +12 +81 ", plain.Output);
        Assert.Matches("(?m)^zb-search<=8 +4 +4 +12 +78 ", plain.Output);
        Assert.Equal(3, limited.JsonLines[^1].GetProperty("memoryLimit").GetDouble());
        Assert.Equal(3, limited.JsonLines[^1].GetProperty("peakActivations").GetDouble());
    }

    [Theory]
    [InlineData("--ranks 4 --micro-batches 8 --memory x", "--memory x is not a number of 0 or more; write one, such as 12.5")]
    [InlineData("--ranks 0 --micro-batches 8", "--ranks 0 is less than 1: use 1")]
    [InlineData("--ranks 4 --micro-batches 0", "--micro-batches 0 is less than 1: use 1")]
    [InlineData("--ranks 4 --micro-batches 8 --stages-per-rank 0", "--stages-per-rank 0 is less than 1: use 1")]
    [InlineData("--ranks 4096 --micro-batches 8192", "4096 ranks x 8192 micro-batches are more than the 1048576 that are compared; use fewer")]
    [InlineData("--ranks 2 --micro-batches 8 --stage-costs 1,1,1", "--stage-costs has 1 stages, and the timetable 2: write 2, one after the other")]
    [InlineData("--ranks 2 --micro-batches x", "Cannot parse argument 'x' for option '--micro-batches': write a whole number; see actors schedule compare --help")]
    public void Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        CommandRun run = CommandRun.Of(["schedule", "compare", .. args.Split(' ')]);

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }
}
