using System.Text.Json;

namespace Actors.Cli.Tests.Runs;

/// <summary>The memory that a run takes, as it is said before and after.</summary>
public sealed class MemoryRuns : IDisposable
{
    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    /// <summary>Kinds that follow from the plan are the same to the byte; 2% is what docs/memory.md promises.</summary>
    [Fact]
    public async Task A_run_takes_of_each_kind_what_the_table_before_it_says()
    {
        CommandRun run = await _tiny.TrainAsync("run");
        CommandRun planned = await TinyRuns.RunAsync("config", _tiny.ProfileFile, "--memory", "--json");

        Assert.Equal((0, 0), (run.Code, planned.Code));
        JsonElement before = Event(run, "memory"), after = Event(run, "memoryTaken");
        Assert.Equal(before.GetRawText(), planned.JsonLines[0].GetRawText());
        foreach (string kind in (string[])["values", "gradients", "moments", "activations", "logits", "tokens", "rings"])
        {
            Assert.InRange(TotalOf(before, kind), 0.98 * TotalOf(after, kind), 1.02 * TotalOf(after, kind));
        }

        Assert.InRange(after.GetProperty("total").GetInt64(), 1, before.GetProperty("most").GetInt64());
    }

    [Fact]
    public async Task The_table_has_a_row_for_ranks_that_are_alike_one_for_what_they_share_and_a_column_for_each_kind_that_is_taken()
    {
        CommandRun run = await TinyRuns.RunAsync("config", _tiny.ProfileFile, "--memory");

        Assert.Equal((0, ""), (run.Code, run.Error));
        string[] lines = run.Output.TrimEnd().Split('\n');
        Assert.Matches("^memory +values +gradients +moments +activations +experts +logits +temporaries +tokens +rows +rings +in all +at most$", lines[0]);
        Assert.Matches(@"^each of ranks 0-1 +- +[\d.]+ [KM]B", lines[1]);
        Assert.Matches(@"^domain 0, shared +[\d.]+ [KM]B +- +- ", lines[^3]);
        Assert.StartsWith("all ", lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("apart: the process 120 MB; the text at the end ", lines[^1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 5, 4 + 8);
    }

    private static JsonElement Event(CommandRun run, string name) => run.JsonLines.Single(line => line.GetProperty("event").GetString() == name);

    private static long TotalOf(JsonElement table, string kind) => table.GetProperty("byKind").GetProperty(kind).GetInt64();
}
