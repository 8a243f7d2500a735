using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>What a cluster refuses, in a line that says how to mend it, while it goes on with the rest.</summary>
/// <param name="cluster">Read by all.</param>
public sealed class ClusterRefusals(MixedCluster cluster) : IClassFixture<MixedCluster>
{
    private readonly TinyCluster _cluster = cluster.Processes;

    [Fact]
    public async Task A_process_with_another_text_or_secret_is_not_placed_on()
    {
        await cluster.Leader.LineAsync("its version, settings or text differ from the leader's");
        await cluster.Leader.LineAsync("it does not know the cluster's secret");

        CommandRun run = await _cluster.Train("alone").Run;
        CommandRun status = await TinyRuns.RunAsync("cluster", "status", _cluster.Address);

        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(4, TinyRuns.Losses(run).Length);
        Assert.Contains("trains nothing", status.Output, StringComparison.Ordinal);
        Assert.Contains("not placed on: it does not know the cluster's secret", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_another_run_is_refused_and_the_next_request_is_served()
    {
        CommandRun first = await _cluster.Train("taken").Run;

        CommandRun refused = await _cluster.Train("taken").Run;
        CommandRun next = await _cluster.Train("free").Run;

        Assert.Equal((0, 0), (first.Code, next.Code));
        Assert.Equal(1, refused.Code);
        Assert.Contains("holds a run, up to step-00000004", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_stores_rows_in_another_precision_is_not_placed_on()
    {
        await cluster.Leader.LineAsync("it computes on cpu in bfloat16, the leader on cpu in float32");

        CommandRun status = await TinyRuns.RunAsync("cluster", "status", _cluster.Address);

        Assert.Contains("-bit vectors): idle", status.Output, StringComparison.Ordinal);
        Assert.Contains("-bit vectors), bfloat16 rows: not placed on", status.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_the_seed_or_at_the_clusters_address_is_said()
    {
        using var lonely = new NodeProcess(
            "node", _cluster.Tiny.ProfileFile, "--data", _cluster.Tiny.TextFile, "--port", "0", "--seed", "127.0.0.1:1", "--set", "actors.cluster.join-timeout=1s");

        CommandRun status = await TinyRuns.RunAsync("cluster", "status", "127.0.0.1:1");

        Assert.Equal(2, status.Code);
        Assert.Contains("nobody answers at 127.0.0.1:1", status.Error, StringComparison.Ordinal);
        await lonely.LineAsync("could not join 127.0.0.1:1 within 1 s");
        Assert.Equal(1, await lonely.ExitAsync());
    }

    [Theory]
    [InlineData("--steps", "5", "--steps is for training here")]
    [InlineData("--data", "text.txt", "--data is for training here")]
    public async Task Options_that_a_cluster_cannot_follow_are_refused(string option, string value, string expected)
    {
        CommandRun run = await TinyRuns.RunAsync("train", "--cluster", "127.0.0.1:1", "--out", "x", option, value);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
