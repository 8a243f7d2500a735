using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Training by processes of their own, and what becomes of it when one of them ends.</summary>
public sealed class ClusterRuns : IDisposable
{
    private readonly TinyCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Three_processes_train_and_report_what_one_does()
    {
        const int Steps = 12;
        await _cluster.StartThreeAsync(Steps, "--set", "actors.cluster.links.shared-memory=off");

        CommandRun together = await _cluster.Train("together").Run;

        TinyCluster.AssertTrained(together, await _cluster.TrainAloneAsync(Steps), Steps);

        // What three processes have saved, in a file each, is what one has: the next step loses the same.
        CommandRun next = await ResumeAsync("together"), expected = await ResumeAsync("alone");
        Assert.Equal(TinyRuns.Losses(expected), TinyRuns.Losses(next));
        Assert.Equal(3, Directory.GetFiles(_cluster.Tiny.PathOf("together/step-00000012"), "*.safetensors").Length);
    }

    /// <summary>Rows of bfloat16 between processes, by links and by memory that they share, and of the answer that the report asks for.</summary>
    [Fact]
    public async Task Three_processes_train_in_bfloat16_what_one_does()
    {
        const int Steps = 6;
        await _cluster.StartThreeAsync(Steps, "--set", "actors.training.precision=bfloat16");

        CommandRun together = await _cluster.Train("together").Run;

        TinyCluster.AssertTrained(together, await _cluster.TrainAloneAsync(Steps, "--set", "actors.training.precision=bfloat16"), Steps);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_run_whose_process_is_killed_ends_with_the_losses_that_it_would_have_had_and_trains_no_step_again(int killed)
    {
        const int Steps = 120;
        NodeProcess[] nodes = await _cluster.StartThreeAsync(Steps, "--set", "actors.training.replicas=1");
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("together", step: 20);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));

        nodes[killed].Kill();

        CommandRun together = await training;
        TinyCluster.AssertTrained(together, await _cluster.TrainAloneAsync(Steps), Steps);
        Assert.Equal(Enumerable.Range(1, Steps), TinyCluster.StepsOf(together).Select(step => step.GetProperty("step").GetInt32()));
        Assert.Contains(together.Notices, notice => notice.Contains("on 2 processes", StringComparison.Ordinal));
    }

    private async Task<CommandRun> ResumeAsync(string folder)
    {
        CommandRun next = await _cluster.Tiny.TrainAsync(folder, "--resume", _cluster.Tiny.PathOf(folder), "--steps", "13");
        Assert.True(next.Code == 0, next.Error);
        return next;
    }
}
