using System.Text.Json;

namespace Actors.Cli.Tests.Commands;

public sealed class ScheduleBestCommandTests
{
    private static readonly string[] Size = ["schedule", "best", "--ranks", "16", "--micro-batches", "120"];

    [Fact]
    public void The_fastest_that_fits_is_named_with_the_runner_up_and_what_each_other_lacks()
    {
        CommandRun run = CommandRun.Of([.. Size, "--memory", "20", "--parameters", "1", "--pair-gain", "0.2"]);

        Assert.Equal((0, ""), (run.Code, run.Error));
        string[] lines = run.Output.Split('\n');
        Assert.StartsWith("best: dualpipev, step ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^runner-up: zbv, step 367\\.5, bubble 2\\.0%, 16 activations and 1 parameters on a rank, 32 stages; [0-9.]+% slower$", lines[1]);
        Assert.Contains("not gpipe: activations 120 on a rank, above 20", lines);
        Assert.Contains("not dualpipe: parameters 2 on a rank, above 1", lines);
        Assert.Contains("not chimera: chimera needs at most 16 micro-batches at 16 ranks or a multiple of 16, not 120: use 112 or 128", lines);
    }

    [Fact]
    public void Little_memory_gets_an_order_made_for_it()
    {
        CommandRun run = CommandRun.Of([.. Size, "--memory", "10"]);

        Assert.StartsWith("best: zb-search<=10, step ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nrunner-up: none fits\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void As_fast_and_smaller_comes_first()
    {
        CommandRun run = CommandRun.Of("schedule", "best", "--ranks", "1", "--micro-batches", "4");

        Assert.StartsWith("best: 1f1b, step 12, ", run.Output, StringComparison.Ordinal);
        Assert.Contains("as fast and no smaller, less plain\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--memory 0.5", "fits --memory 0.5; zb-search would with memory 1")]
    [InlineData("--memory 5 --parameters 0.5", "fits --memory 5 and --parameters 0.5; zb-search would with parameters 1")]
    public void Where_none_fits_the_exit_code_is_1_and_the_nearest_limit_is_named(string limits, string error)
    {
        CommandRun run = CommandRun.Of([.. Size, .. limits.Split(' ')]);

        Assert.Equal((1, $"actors: no schedule of 16 ranks and 120 micro-batches {error}\n"), (run.Code, run.Error));
        Assert.Equal(10, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("not ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Json_is_the_choice_and_a_line_a_schedule()
    {
        CommandRun run = CommandRun.Of([.. Size, "--memory", "17", "--json"]);
        CommandRun none = CommandRun.Of([.. Size, "--memory", "0.1", "--json"]);

        JsonElement choice = run.JsonLines[0];
        Assert.Equal(("choice", "dualpipe"), (choice.GetProperty("event").GetString(), run.JsonLines[2].GetProperty("schedule").GetString()));
        Assert.Equal(choice.GetProperty("best").GetString(), run.JsonLines[1].GetProperty("schedule").GetString());
        Assert.Equal(choice.GetProperty("runnerUp").GetString(), run.JsonLines[2].GetProperty("schedule").GetString());
        Assert.Equal(11, run.JsonLines.Count);
        Assert.All(run.JsonLines.Skip(1), line => Assert.Equal(
            line.GetProperty("event").GetString() == "rejected", line.GetProperty("lack").ValueKind == JsonValueKind.String));
        Assert.Equal((1, "zb-search would with memory 1"), (none.Code, none.JsonLines[0].GetProperty("mend").GetString()));
    }

    [Theory]
    [InlineData("--memory x", "--memory x is not a number of 0 or more; write one, such as 12.5")]
    [InlineData("--parameters -1", "--parameters -1 is not a number of 0 or more; write one, such as 12.5")]
    public void Bad_limits_are_one_line_and_exit_code_2(string limits, string error)
    {
        CommandRun run = CommandRun.Of([.. Size, .. limits.Split(' ')]);

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }
}
