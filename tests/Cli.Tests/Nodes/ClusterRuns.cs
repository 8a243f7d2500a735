using System.Text.Json;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Training by processes of their own, and what becomes of it when one of them ends.</summary>
public sealed class ClusterRuns : IDisposable
{
    private const int Steps = 300;
    private static readonly string[] Together = ["--set", "actors.cluster.processes=3", "--set", "actors.training.steps=300"];
    private readonly TinyCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Three_processes_lose_what_one_does()
    {
        await StartThreeAsync("--set", "actors.cluster.links.shared-memory=off");

        CommandRun together = await _cluster.Train("together").Run;

        AssertLosses(together, await AloneAsync());

        // What three processes have saved, in a file each, is what one has: the next step loses the same.
        CommandRun next = await ResumeAsync("together"), expected = await ResumeAsync("alone");
        Assert.Equal(TinyRuns.Losses(expected), TinyRuns.Losses(next));
        Assert.Equal(3, Directory.GetFiles(_cluster.Tiny.PathOf("together/step-00000300"), "*.safetensors").Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_run_whose_process_is_killed_ends_with_the_losses_that_it_would_have_had_and_trains_no_step_again(int killed)
    {
        NodeProcess[] nodes = await StartThreeAsync("--set", "actors.training.replicas=1");
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("together", step: 20);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));

        nodes[killed].Kill();

        CommandRun together = await training;
        AssertLosses(together, await AloneAsync());
        Assert.Equal(Enumerable.Range(1, Steps), StepsOf(together).Select(step => step.GetProperty("step").GetInt32()));
        Assert.Contains(together.JsonLines, line => line.GetProperty("event").GetString() == "notice" && line.GetProperty("text").GetString()!.Contains("on 2 processes", StringComparison.Ordinal));
    }

    private async Task<NodeProcess[]> StartThreeAsync(params string[] more)
    {
        var nodes = new NodeProcess[3];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = await _cluster.StartAsync([.. Together, .. more]);
        }

        return nodes;
    }

    private async Task<CommandRun> ResumeAsync(string folder)
    {
        CommandRun next = await _cluster.Tiny.TrainAsync(folder, "--resume", _cluster.Tiny.PathOf(folder), "--steps", "301");
        Assert.True(next.Code == 0, next.Error);
        return next;
    }

    private async Task<double[]> AloneAsync()
    {
        CommandRun alone = await _cluster.Tiny.TrainAsync("alone", Together[2..]);
        Assert.Equal(0, alone.Code);
        return TinyRuns.Losses(alone);
    }

    private static IEnumerable<JsonElement> StepsOf(CommandRun run) => run.JsonLines.Where(line => line.GetProperty("event").GetString() == "step");

    /// <summary>Steps may be told twice, where they were trained again: each time they have the same loss.</summary>
    private static void AssertLosses(CommandRun run, double[] expected)
    {
        Assert.True(run.Code == 0, run.Error);
        int last = 0;
        foreach (JsonElement step in StepsOf(run))
        {
            last = step.GetProperty("step").GetInt32();
            Assert.Equal(expected[last - 1], step.GetProperty("loss").GetDouble());
        }

        Assert.Equal(Steps, last);
    }
}
