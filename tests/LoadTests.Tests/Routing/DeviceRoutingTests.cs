using System.CommandLine;
using Actors.Gpu;
using Actors.Gpu.Devices;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Reporting;
using Actors.LoadTests.Routing;
using Actors.LoadTests.Routing.Devices;
using Actors.Tensors;
using Actors.Tests.Support;

namespace Actors.LoadTests.Tests.Routing;

/// <summary>Routing by ranks whose devices order their streams: simulated ones, in orders and with times that seeds draw, and the CPU as such a device with threads.</summary>
public sealed class DeviceRoutingTests
{
    private const ulong Seeds = 6;

    private static readonly string[] Small = ["--backend", "cuda", "--hidden", "32", "--tokens", "6"];

    [Theory]
    [InlineData("flags", "2", "2", "float32")]
    [InlineData("flags", "2", "2", "bfloat16")]
    [InlineData("flags", "4", "4", "bfloat16")]
    [InlineData("marks", "2", "2", "float32")]
    [InlineData("marks", "2", "2", "bfloat16")]
    [InlineData("marks", "4", "4", "float32")]
    [InlineData("marks", "4", "8", "bfloat16")]
    [InlineData("marks", "1", "4", "float32")]
    public void Tokens_come_back_through_the_actors_of_a_group(string exchange, string gpus, string ranks, string precision)
    {
        const int Exchanges = 7;
        RoutingOptions options = Read([.. Small, "--gpus", gpus, "--ranks", ranks, "--ranks-per-node", "2", "--precision", precision, "--exchange", exchange, "--under-way", "3"]);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            using var routing = new DeviceRouting(options, seed);
            Assert.Equal(exchange == "flags", routing.Plane.UsesFlags);
            Assert.Equal(options.UnderWay, routing.Play(options.UnderWay));
            routing.Plane.Check();
            RoutingCounts before = routing.Plane.Count();
            Assert.Equal(Exchanges, routing.Play(Exchanges));
            routing.Plane.Check();
            AssertCounts(options, routing.Plane, routing.Plane.Count() - before, Exchanges);
        }
    }

    [Fact]
    public void Few_tokens_of_ranks_with_a_device_each_wait_for_flags_and_others_go_on_behind_marks()
    {
        Assert.True(UsesFlags("--gpus", "2", "--tokens", "256"));
        Assert.False(UsesFlags("--gpus", "2", "--tokens", "257"));
        Assert.False(UsesFlags("--gpus", "2", "--tokens", "4", "--ranks", "4"));
        Assert.False(UsesFlags("--gpus", "2", "--tokens", "4", "--exchange", "marks"));
        Assert.Contains("a GPU of its own", Assert.Throws<UsageException>(() => UsesFlags("--gpus", "2", "--ranks", "4", "--exchange", "flags")).Message, StringComparison.Ordinal);
        Assert.Contains("at most 256", Assert.Throws<UsageException>(() => UsesFlags("--gpus", "2", "--tokens", "257", "--exchange", "flags")).Message, StringComparison.Ordinal);
    }

    /// <summary>Where flags come before the rows that they are for, sums are wrong under some seed: the check must say so.</summary>
    [Fact]
    public void A_device_that_loses_rows_fails_the_check()
    {
        RoutingOptions options = Read([.. Small, "--gpus", "4", "--exchange", "flags", "--under-way", "1"]);
        int failed = 0;
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using var routing = new DeviceRouting(options, seed, releasesFlags: false);
            routing.Play(1);
            failed += Record.Exception(routing.Plane.Check) is CheckFailedException ? 1 : 0;
        }

        Assert.True(failed > 0, "no seed has failed the check");
    }

    [Fact]
    public void A_token_that_reaches_too_many_nodes_fails_the_check()
    {
        RoutingOptions options = Read([.. Small, "--gpus", "4", "--ranks-per-node", "1", "--under-way", "1"]) with { NodeLimit = 1 };
        using var routing = new DeviceRouting(options, seed: 1);
        routing.Play(1);
        Assert.Contains("the limit is 1", Assert.Throws<CheckFailedException>(routing.Plane.Check).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "2", "float32")]
    [InlineData("4", "8", "bfloat16")]
    public async Task The_scenario_reports_rates_of_a_rank(string gpus, string ranks, string precision)
    {
        RoutingOptions options = Read([
            .. Small, "--gpus", gpus, "--ranks", ranks, "--precision", precision, "--exchange", "marks", "--seconds", "0.2", "--rounds", "2", "--warm-up", "0", "--rate", "500"]);
        var scenario = new RoutingScenario(
            options, [], static _ => { }, opened => [.. Enumerable.Range(0, opened.Gpus).Select(_ => new ThreadedDevice(DeviceRouting.Host(opened.RowType)))]);

        Report report = RoutingReport.Of(await scenario.RunAsync());

        Assert.Contains(report.Settings, setting => setting.Name == "devices" && setting.Value.Contains("by marks", StringComparison.Ordinal));
        Assert.All(
            ["tokens/s", "tokens/s of a rank", "dispatch and combine, GB/s of a rank", "to and from other GPUs, GB/s of a rank", "messages/s"],
            name => Assert.True(Assert.Single(report.Figures, figure => figure.Name == name).Value.Least > 0));
        Assert.DoesNotContain(report.Figures, figure => figure.Name.Contains("copy", StringComparison.Ordinal));
        Assert.Equal(2, report.Latencies.Count);
        Assert.All(report.Latencies, latency => Assert.True(latency.Longest > 0));
    }

    [Fact]
    public async Task A_machine_without_a_gpu_ends_with_1()
    {
        if (Record.Exception(GpuMachine.Read) is CudaException)
        {
            Assert.Equal(1, await Program.RunAsync(["routing", .. Small]));
        }
    }

    private static void AssertCounts(RoutingOptions options, DevicePlane plane, RoutingCounts counts, int exchanges)
    {
        long tokens = exchanges * options.TokensOfExchange;
        long rows = counts.FastRows + counts.SlowRows;
        Assert.InRange(rows, 2 * tokens, 2 * tokens * Math.Min(options.Choices, options.Ranks));
        Assert.Equal(rows * options.Shape.RowBytes, counts.FastBytes + counts.SlowBytes);
        Assert.Equal(options.Shape.Nodes > 1, counts.SlowRows > 0);
        Assert.Equal(options.Gpus > 1, counts.LinkBytes > 0);
        Assert.InRange(counts.LinkBytes, 0, rows * options.Shape.RowBytes);
        if (options.Gpus == options.Shape.Nodes)
        {
            Assert.Equal(counts.SlowBytes, counts.LinkBytes);
        }

        // By marks each rank tells each of counts, rows and sums; by flags nobody tells anything.
        Assert.Equal(plane.UsesFlags ? 0 : 3L * exchanges * options.Ranks * options.Ranks, counts.ChannelMessages);
    }

    private static bool UsesFlags(params string[] arguments)
    {
        using var routing = new DeviceRouting(Read(["--backend", "cuda", "--hidden", "8", "--under-way", "1", .. arguments]), seed: 1);
        return routing.Plane.UsesFlags;
    }

    private static RoutingOptions Read(string[] arguments)
    {
        var command = new Command("routing");
        var options = new RoutingArguments(command);
        return options.Read(Invocation.Parse(command, arguments));
    }

    /// <summary>The CPU as a device that orders its streams: an operation has run when it is enqueued, by whatever thread.</summary>
    private sealed class ThreadedDevice(IBackend inner) : WrappedBackend(inner)
    {
        public override bool OrdersStreams => true;
    }
}
