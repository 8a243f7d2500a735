using System.Net;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>What operators see of processes, and what they have them do.</summary>
public sealed class ClusterOperations : IDisposable
{
    private const int Steps = 100;
    private readonly TinyCluster _cluster = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _cluster.Dispose();
    }

    /// <summary>One cluster for all: to start a process takes the longest.</summary>
    [Fact]
    public async Task Processes_leave_are_declared_dead_and_terminated()
    {
        NodeProcess[] nodes = await _cluster.StartThreeAsync(Steps, "--metrics-port", "0");
        CommandRun alone = await _cluster.TrainAloneAsync(Steps);
        await HandsItsShareOverWhereItLeavesAsync(nodes, alone);
        await DeclaresALostOneDeadAsync(nodes[1]);

        for (int i = 0; i < 2; i++)
        {
            await _cluster.StartOfThreeAsync(Steps, "--metrics-port", "0");
        }

        await GoesOnWhereTheLeaderIsTerminatedAsync(nodes[0], alone);
    }

    private async Task HandsItsShareOverWhereItLeavesAsync(NodeProcess[] nodes, CommandRun alone)
    {
        string place = await PlaceAsync(nodes[0]);
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await AskAsync($"{place}healthz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await AskAsync($"{place}readyz"));
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("together", step: 5);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));

        CommandRun leave = await TinyRuns.RunAsync("cluster", "leave", await AddressAsync(nodes[2]));

        Assert.True(leave.Code == 0, leave.Error);
        Assert.Contains("leaves when the step under way is saved", leave.Output, StringComparison.Ordinal);
        Assert.Equal(0, await nodes[2].ExitAsync());
        CommandRun together = await training;
        TinyCluster.AssertTrained(together, alone, Steps);
        Assert.Contains(together.Notices, notice => notice.Contains("on 2 processes", StringComparison.Ordinal));
        Assert.DoesNotContain(together.Notices, notice => notice.Contains("trained again", StringComparison.Ordinal));

        string metrics = (await AskAsync($"{place}metrics")).Text;
        Assert.Matches(@"(?m)^actors_cluster_recoveries_total\S* 1$", metrics);
        Assert.Matches(@"(?m)^actors_cluster_placement_epoch\S* 2$", metrics);
        Assert.Matches(@"(?m)^actors_cluster_placement_processes\S* 2$", metrics);
        Assert.Matches(@"(?m)^actors_cluster_recovery_duration_seconds\S* \d", metrics);
        Assert.Matches(@"(?m)^actors_cluster_members{status=""up""} 2$", metrics);

        // Three of training, and the one over which the sample was served.
        Assert.Matches(@"(?m)^actors_link_opened_total\S* 4$", metrics);
        Assert.Matches(@"(?m)^actors_link_ended_total\S* 3$", metrics);
        Assert.Matches(@"(?m)^actors_link_frames_total{direction=""sent""} [1-9]", metrics);
        Assert.Matches(@"(?m)^actors_link_io_bytes_total{direction=""read""} [1-9]", metrics);
    }

    private async Task DeclaresALostOneDeadAsync(NodeProcess stopped)
    {
        stopped.Signal("STOP");
        string lost = await AddressAsync(stopped);
        CommandRun unknown = await TinyRuns.RunAsync("cluster", "down", _cluster.Address, "--member", "127.0.0.1:1");
        CommandRun down = await TinyRuns.RunAsync("cluster", "down", _cluster.Address, "--member", lost);
        CommandRun status = await TinyRuns.RunAsync("cluster", "status", _cluster.Address);

        Assert.Equal(2, unknown.Code);
        Assert.Contains($"127.0.0.1:1 is no process of the cluster, which has", unknown.Error, StringComparison.Ordinal);
        Assert.True(down.Code == 0, down.Error);
        Assert.Equal($"{lost} is taken out of the cluster\n", down.Output);
        Assert.DoesNotContain(lost, status.Output, StringComparison.Ordinal);
    }

    private async Task GoesOnWhereTheLeaderIsTerminatedAsync(NodeProcess leader, CommandRun alone)
    {
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("elsewhere", step: 5);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));

        leader.Signal("TERM");

        Assert.True(await leader.ExitAsync() == 0, leader.Error);
        TinyCluster.AssertTrained(await training, alone, Steps);
        Assert.DoesNotContain("was not let go", leader.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_joins_nobody_is_alive_and_not_ready()
    {
        using var lonely = new NodeProcess(
            "node", _cluster.Tiny.ProfileFile, "--data", _cluster.Tiny.TextFile, "--port", "0", "--seed", "127.0.0.1:1", "--metrics-port", "0");
        string place = await PlaceAsync(lonely);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync($"{place}healthz")).Code);
        (HttpStatusCode code, string text) = await AskAsync($"{place}readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains(text, (string[])["starts\n", "joins the cluster\n"]);
    }

    /// <summary>Where its metrics are, up to the path.</summary>
    private static async Task<string> PlaceAsync(NodeProcess node) => (await node.LineAsync("metrics: ")).Split(' ')[^1][..^"metrics".Length];

    private static async Task<string> AddressAsync(NodeProcess node) => (await node.LineAsync(" is up")).Split(' ')[2];

    private async Task<(HttpStatusCode Code, string Text)> AskAsync(string address)
    {
        using HttpResponseMessage answer = await _http.GetAsync(address);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
