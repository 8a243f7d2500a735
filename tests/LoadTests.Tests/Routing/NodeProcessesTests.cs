using System.CommandLine;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Routing;
using Actors.LoadTests.Routing.Nodes;

namespace Actors.LoadTests.Tests.Routing;

public sealed class NodeProcessesTests
{
    private static readonly string[] Small =
        ["--hidden", "32", "--tokens", "4", "--channels", "2", "--seconds", "0.1", "--rounds", "1", "--warm-up", "0", "--rate", "0", "--under-way", "1"];

    [Theory]
    [InlineData("shared-memory", "2 processes, shared memory")]
    [InlineData("tcp", "2 processes, TCP")]
    public async Task Processes_do_the_work_of_one_over_the_links_asked_for(string links, string name)
    {
        RoutingResults results = await RunAsync([.. Small, "--nodes", "2", "--links", links]);

        Assert.Equal(["one process", name], results.Works.Select(work => work.Name));
        Assert.All(results.Works, work => Assert.True(work.Rounds[0].Counts.SlowRows > 0));
        Assert.Equal(RowsOfAnExchange(results.Works[0]), RowsOfAnExchange(results.Works[1]));
        Assert.Contains(RoutingReport.Of(results).Figures, figure => figure.Name == "tokens/s, ratio");
    }

    [Fact]
    public async Task A_process_that_ends_too_soon_ends_the_test()
    {
        RoutingOptions options = Read([.. Small, "--nodes", "2"]);

        CheckFailedException failure = await Assert.ThrowsAsync<CheckFailedException>(() => NodeProcesses.StartAsync(options, ["--no-such-option"]));

        Assert.Contains("ended before it was ready", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_does_not_span_processes() => Assert.Equal(
        "--nodes 5: the group has 4 nodes, and a node never spans processes.", Assert.Throws<UsageException>(() => Read("--nodes", "5")).Message);

    [Fact]
    public void Counts_are_the_same_after_they_crossed()
    {
        var counts = new RoutingCounts(1, 2, 3, 4, 5, 6, 7, 8, 9, TimeSpan.FromTicks(10));
        Assert.Equal(counts, RoutingCounts.Parse(counts.Text.Split(' ')));
        Assert.Equal(default, counts + (default(RoutingCounts) - counts));
    }

    /// <summary>What crosses between nodes is decided by the tokens alone.</summary>
    private static double RowsOfAnExchange(RoutingResult work) => (double)work.Rounds[0].Counts.SlowRows / work.Rounds[0].Played.Exchanges;

    private static Task<RoutingResults> RunAsync(string[] arguments) => new RoutingScenario(Read(arguments), arguments, static _ => { }).RunAsync();

    private static RoutingOptions Read(params string[] arguments)
    {
        var command = new Command("routing");
        var options = new RoutingArguments(command);
        return options.Read(Invocation.Parse(command, arguments));
    }
}
