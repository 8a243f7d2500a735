using System.Text.Json;
using Actors.Schedules;
using Actors.Schedules.Checking;
using Actors.Schedules.Formats;

namespace Actors.Cli.Tests.Commands;

public sealed class ScheduleSearchTests
{
    [Fact]
    public void A_timetable_made_for_costs_and_memory_is_written_like_any_other()
    {
        CommandRun run = CommandRun.Of(
            "schedule", "zb-search", "--ranks", "4", "--micro-batches", "12", "--costs", "2,2.5,1.5", "--memory", "7", "--format", "csv");

        Timetable timetable = TimetableCsv.Parse(run.Output);
        TimetableReport report = TimetableChecker.Check(timetable);
        Assert.True(report.IsValid);
        Assert.InRange(report.PeakActivations.Max(), 1, 7);
        Assert.Contains("\nstep 78, ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("found: an order made for these costs; no order with one stage a rank is faster at this memory\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void How_far_it_may_be_from_the_fastest_is_said()
    {
        CommandRun run = CommandRun.Of("schedule", "zb-search", "--ranks", "8", "--micro-batches", "20", "--memory", "4");

        Assert.Matches("found: an order made for these costs; [0-9.]+% above [0-9.]+, below which no order with one stage a rank gets at this memory\n$", run.Error);
    }

    [Fact]
    public void Json_has_a_line_of_the_search_after_the_report()
    {
        CommandRun run = CommandRun.Of("schedule", "zb-search", "--ranks", "4", "--micro-batches", "8", "--json");

        Assert.Equal(("", 3), (run.Error, run.JsonLines.Count));
        Assert.Equal("zb-search", run.JsonLines[1].GetProperty("schedule").GetString());
        JsonElement search = run.JsonLines[2];
        Assert.Equal("search", search.GetProperty("event").GetString());
        Assert.Equal(run.JsonLines[1].GetProperty("stepTime").GetDouble(), search.GetProperty("lowerBound").GetDouble());
        Assert.Equal(0, search.GetProperty("distanceFromBound").GetDouble());
    }

    [Theory]
    [InlineData("zb-search --ranks 4 --micro-batches 8 --memory 0.5", "zb-search needs memory for one chunk on every rank, 1 on rank 0, not 0.5: use 1")]
    [InlineData("zb-search --ranks 0 --micro-batches 8", "zb-search needs at least 1 rank, not 0: use 1")]
    [InlineData("zb-search --ranks 4 --micro-batches 8 --stages-per-rank 2", "zb-search holds 1 stage a rank, not 2: use 1")]
    [InlineData("zb-search --ranks 100000 --micro-batches 1000", "100000 ranks x 1000 micro-batches are more than the 16777216 that fit; use fewer")]
    [InlineData("zbv --ranks 4 --micro-batches 8 --memory 5", "--memory is for zb-search; zbv holds what it holds")]
    public void Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        CommandRun run = CommandRun.Of(["schedule", .. args.Split(' ')]);

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }
}
