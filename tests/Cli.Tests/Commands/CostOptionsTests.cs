using System.Text.Json;

namespace Actors.Cli.Tests.Commands;

public sealed class CostOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--costs 1,1.5,0.5,2,0.25", 9.5, 1, 1.5, 0.5, 2, 2)]
    [InlineData("--costs 1,2,3", 18, 1, 2, 3, 5, 6)]
    [InlineData("--costs 25%,50%,25%", 3, 0.25, 0.5, 0.25, 0.75, 1)]
    [InlineData("--costs 25%,50%,25%,90%,10% --chunk-time 8", 25.6, 2, 4, 2, 6, 7.2)]
    [InlineData("--costs 1,2,3 --pair-gain 0.25", 18, 1, 2, 3, 5, 4.5)]
    [InlineData("--costs 1,2,3 --pair-gain 25% --latency 2", 22, 1, 2, 3, 5, 4.5)]
    [InlineData("--bandwidth 2K --activation-bytes 4k,2000", 12, 1, 1, 1, 2, 3)]
    [InlineData("--latency 1,5 --ranks-per-node 1", 19, 1, 1, 1, 2, 3)]
    [InlineData("--latency 1,5 --ranks-per-node 2", 11, 1, 1, 1, 2, 3)]
    public void Costs_are_read_by_hand_and_in_shares(
        string options, double step, double forward, double input, double weights, double backward, double pair)
    {
        JsonElement report = ReportOf(options);

        Assert.Equal(step, report.GetProperty("stepTime").GetDouble(), 12);
        Assert.Equal([forward, input, weights, backward, pair], CostsOf(report, 0), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Each_stage_has_its_own_costs_by_list_or_by_file()
    {
        string file = _folder.Write("costs.txt", "# F, I, W, pair\n1,2,3,5\n\n2, 3, 4  # with the output head\n");
        JsonElement byList = ReportOf("--stage-costs 1,2,3,5;2,3,4");
        JsonElement byFile = ReportOf($"--stage-costs {file}");

        Assert.Equal([1, 2, 3, 5, 5], CostsOf(byList, 0));
        Assert.Equal([2, 3, 4, 7, 9], CostsOf(byList, 1));
        Assert.Equal(byList.GetRawText(), byFile.GetRawText());
        Assert.False(byList.GetProperty("formula").GetProperty("bubble").TryGetProperty("value", out _));
    }

    /// <summary>Of the published model with one prediction module: the last of 16 stages has one layer, the module's and two heads of 1.58 layers, the others 4 each.</summary>
    [Fact]
    public void Stages_cost_what_a_models_layers_heads_and_modules_work()
    {
        CommandRun run = CommandRun.Of("schedule", "1f1b", "--ranks", "16", "--micro-batches", "16", "--costs-of", "deepseek-v3", "--json");
        JsonElement report = run.JsonLines[1];
        double[] forward = [.. Enumerable.Range(0, 16).Select(stage => CostsOf(report, stage).First())];

        Assert.Equal(61, forward.Sum(), 9);
        Assert.Equal(forward[^1], forward.Max());
        Assert.InRange(forward[^1] / forward[5], 1.2, 1.5);
        Assert.Contains("too few for 62 stages", CommandRun.Of("schedule", "1f1b", "--ranks", "62", "--micro-batches", "62", "--costs-of", "deepseek-v3").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_is_weighed_by_stage()
    {
        JsonElement report = ReportOf("--stage-memory 10,100;20,200");

        Assert.Equal(20, report.GetProperty("peakActivations").GetDouble());
        Assert.Equal(200, report.GetProperty("parameters").GetDouble());
        Assert.Equal(2, report.GetProperty("perRank")[0].GetProperty("peakChunks").GetInt32());
    }

    [Fact]
    public void What_the_weights_do_not_need_is_free_after_a_backward_for_input()
    {
        CommandRun all = CommandRun.Of("schedule", "dualpipe", "--ranks", "8", "--micro-batches", "20", "--json");
        CommandRun half = CommandRun.Of("schedule", "dualpipe", "--ranks", "8", "--micro-batches", "20", "--json", "--kept-for-weights", "50%");

        Assert.Equal(9, all.JsonLines[1].GetProperty("peakActivations").GetDouble());
        Assert.True(half.JsonLines[1].GetProperty("peakActivations").GetDouble() <= 9);
    }

    [Theory]
    [InlineData(
        "--costs 1,2",
        "--costs 1,2 is not F,I,W[,PAIR[,SEND]]; write three to five numbers of 0 or more, such as 1,1,1,2.5, or shares of a chunk's whole "
        + "time, such as 30%,40%,30%,85%")]
    [InlineData("--costs 30%,30%,30%", "--costs 30%,30%,30%: F, I and W are shares of a chunk's whole time and make 100% together, not 90%")]
    [InlineData("--costs 1,1,1 --chunk-time 3", "--chunk-time is for costs in shares, such as --costs 30%,40%,30%; leave it out")]
    [InlineData("--chunk-time 3", "--chunk-time does nothing without --costs: give both")]
    [InlineData("--costs 30%,40%,30% --chunk-time x", "--chunk-time x is not a number of 0 or more; write one, such as 12.5")]
    [InlineData("--costs 1,1,1 --stage-costs 1,1,1;1,1,1", "--costs and --stage-costs both say what actions cost: leave one out")]
    [InlineData("--costs 1,1,1,2 --pair-gain 0.2", "--pair-gain and a PAIR in --costs say the same: leave one out")]
    [InlineData("--costs 1,1,1,2,1 --latency 1", "--latency and a SEND in --costs say the same: leave one out")]
    [InlineData("--stage-costs 1,1,1,2;1,1,1 --pair-gain 0.2", "--pair-gain and a PAIR in --stage-costs say the same: leave one out")]
    [InlineData("--stage-costs 1,1,1", "--stage-costs has 1 stages, and the timetable 2: write 2, one after the other")]
    [InlineData("--stage-costs none", "--stage-costs none is no file and no list F,I,W[,PAIR];F,I,W[,PAIR];... of stages; write numbers of 0 or more")]
    [InlineData("--pair-gain 2", "--pair-gain 2 is not a share; write 0 to 1 or 0% to 100%, such as 0.2")]
    [InlineData("--latency -1", "--latency -1 is not T[,BETWEEN]; write one or two numbers of 0 or more; K, M, G and T are thousands and so on")]
    [InlineData("--bandwidth 5", "--bandwidth does nothing without --activation-bytes: give both")]
    [InlineData("--activation-bytes 5", "--activation-bytes does nothing without --bandwidth: give both")]
    [InlineData("--bandwidth 0 --activation-bytes 5", "--bandwidth is above 0; leave it out where transfers take no time of a link")]
    [InlineData(
        "--latency 1,2",
        "a second value of --latency or --bandwidth is for ranks in different nodes; say how many a node has, --ranks-per-node")]
    [InlineData("--ranks-per-node 2", "--ranks-per-node needs what differs between nodes: a second value of --latency or --bandwidth")]
    [InlineData("--latency 1,2 --ranks-per-node 0", "--ranks-per-node 0 is less than 1: use 1")]
    [InlineData("--kept-for-weights 1.5", "--kept-for-weights 1.5 is not a share; write 0 to 1 or 0% to 100%, such as 0.2")]
    public void Options_that_are_wrong_or_contradict_each_other_are_refused_in_one_line(string options, string error)
    {
        CommandRun run = CommandRun.Of(["schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", .. options.Split(' ')]);

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public void A_torn_trace_and_one_that_is_not_there_are_refused_in_one_line()
    {
        string torn = _folder.Write("torn.json", "{\"traceEvents\":[{\"cat\":\"act");
        CommandRun ofTorn = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "--costs-from", torn);
        CommandRun ofNone = CommandRun.Of("schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "--costs-from", torn + "x");

        Assert.Equal(2, ofTorn.Code);
        Assert.StartsWith($"actors: --costs-from {torn}: byte ", ofTorn.Error, StringComparison.Ordinal);
        Assert.EndsWith("the trace is torn or mistyped here; write the trace again with: actors train --trace FILE\n", ofTorn.Error, StringComparison.Ordinal);
        Assert.Equal(2, ofNone.Code);
        Assert.StartsWith($"actors: {torn}x can't be read: ", ofNone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_of_stages_and_links_are_told_in_the_summary()
    {
        CommandRun run = CommandRun.Of(
            "schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "--stage-costs", "1,1,1;3,1,1", "--latency", "0.5,2", "--ranks-per-node", "1",
            "--bandwidth", "10", "--activation-bytes", "20");

        Assert.Contains(
            "\nmean costs: F 2, I 1, W 1, B 2, pair 4, send 2 + 0.5, between nodes of 1 ranks 2 + 2\n", run.Error, StringComparison.Ordinal);
    }

    private static JsonElement ReportOf(string options)
    {
        CommandRun run = CommandRun.Of(["schedule", "1f1b", "--ranks", "2", "--micro-batches", "2", "--json", .. options.Split(' ')]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        return run.JsonLines[1];
    }

    private static IEnumerable<double> CostsOf(JsonElement report, int stage) =>
        new[] { "forward", "backwardInput", "backwardWeights", "backward", "pair" }
            .Select(name => report.GetProperty("stageCosts")[stage].GetProperty(name).GetDouble());
}
