using System.Text.Json;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Prompts that processes of their own answer together, while they train and after, and what becomes of a request when one ends.</summary>
public sealed class ClusterAnswers : IDisposable
{
    /// <summary>So long that no machine answers <see cref="Endless"/> before its caller's lease has run out.</summary>
    private static readonly string[] Sizes = ["--set", "actors.model.max-positions=30000", "--set", "actors.inference.max-length=30000"];

    private static readonly string[] Settings =
    [
        .. Sizes, "--set", "actors.cluster.processes=3", "--set", "actors.training.steps=5000", "--set", "actors.training.checkpoint-every-steps=40",
        "--set", "actors.cluster.serving.request-lease=3s",
    ];

    /// <summary>The cluster's placement, which answers depend on in their last bits.</summary>
    private static readonly string[] Placement =
        ["--set", "actors.parallel.pipeline-ranks=2", "--set", "actors.parallel.expert-ranks=4", "--set", "actors.parallel.ranks-per-node=2", .. Sizes[2..]];

    private static readonly string[] Short = ["--prompt", "line 7: the quick", "--temperature", "0", "--max-tokens", "20"];
    private static readonly string[] Long = ["--prompt", "line 9: ", "--temperature", "0.9", "--seed", "5", "--max-tokens", "400"];
    private static readonly string[] Endless = ["--prompt", "line 9: ", "--temperature", "0.9", "--seed", "6", "--max-tokens", "29900"];
    private readonly TinyCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    /// <summary>One cluster for all: starting it takes the longest.</summary>
    [Fact]
    public async Task A_cluster_answers_as_one_process_does_while_it_trains_and_while_its_processes_end()
    {
        NodeProcess leader = await _cluster.StartAsync([.. Settings, "--set", "actors.log.level=debug"]);
        NodeProcess[] workers = [await _cluster.StartAsync(Settings), await _cluster.StartAsync(Settings)];
        await AnswersWhileItTrainsAsync();
        await AnswersByNewerValuesAsync();
        await ForgetsACallerThatIsKilledAsync(leader);
        await EndsARequestForAnybodyAsync();
        await AnswersOnAsync(leader, "2 processes");
        _cluster.Asked = 1;
        await AnswersOnAsync(workers[1], "1 process");
    }

    [Theory]
    [InlineData("--set actors.inference.max-length=5", "actors.inference.max-length is the cluster's")]
    [InlineData("--model DIR", "--model is for a model here")]
    public async Task Options_that_a_cluster_cannot_follow_are_refused(string options, string expected)
    {
        CommandRun run = await TinyRuns.RunAsync(["infer", "--cluster", "127.0.0.1:1", "--prompt", "x", .. options.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_are_tokens_of_the_models_tokenizer_and_what_does_not_fit_is_refused()
    {
        _cluster.Tiny.Folder.Write("tokenizer/tokenizer.json", TinyBytePairs.Json(TinyBytePairs.DeepSeekPieces));
        _cluster.Tiny.Folder.Write("tokenizer/tokenizer_config.json", """{"bos_token": "<|begin|>", "eos_token": "<|end|>", "add_bos_token": true}""");
        string[] asked = ["--prompt", "line 7: 世", "--temperature", "0.9", "--seed", "3", "--max-tokens", "30"];
        await _cluster.StartAsync([.. Sizes, "--set", $"actors.data.tokenizer={_cluster.Tiny.PathOf("tokenizer")}", "--set", "actors.model.vocabulary-size=512"]);
        CommandRun nothing = await _cluster.Ask("--prompt", "x").Run;
        CommandRun nowhere = await _cluster.Ask("--prompt", "x", "--from", _cluster.Tiny.PathOf("nowhere")).Run;
        CommandRun trained = await _cluster.Train("run").Run;
        CommandRun answered = await _cluster.Ask(asked).Run;
        CommandRun length = await _cluster.Ask("--prompt", new string('x', 100_000)).Run;
        CommandRun nobody = await TinyRuns.RunAsync("infer", "--cluster", _cluster.Address, "--cancel", "nobody");

        Assert.Equal((2, 2, 2, 2), (nothing.Code, nowhere.Code, length.Code, nobody.Code));
        Assert.Contains("name a run's folder with --from", nothing.Error, StringComparison.Ordinal);
        Assert.Contains("holds neither config.json nor a checkpoint", nowhere.Error, StringComparison.Ordinal);
        Assert.Matches(@"the prompt has 100001 tokens; with the answer a sequence may have \d+: shorten it", length.Error);
        Assert.Contains("the cluster has no request nobody", nobody.Error, StringComparison.Ordinal);
        Assert.True(trained.Code == 0, trained.Error);
        JsonElement report = Assert.Single(trained.JsonLines, line => line.GetProperty("event").GetString() == "report");
        Assert.Null(report.GetProperty("noSample").GetString());
        Assert.NotEqual("", report.GetProperty("sample").GetString());
        await AssertAnsweredAsync(answered, CheckpointOf(answered), asked);
    }

    private async Task AnswersWhileItTrainsAsync()
    {
        using var stop = new CancellationTokenSource();
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("run", step: 50, stop.Token);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));

        CommandRun answered = await _cluster.Ask(Short).Run;
        string kept = Keep(CheckpointOf(answered));
        Assert.False(training.IsCompleted);
        await stop.CancelAsync();

        await AssertAnsweredAsync(answered, kept, Short);
        Assert.Equal(0, (await training).Code);
    }

    /// <summary>Nothing is in flight, so the checkpoint that the run has written last is loaded first.</summary>
    private async Task AnswersByNewerValuesAsync()
    {
        CommandRun[] answers = await Task.WhenAll(_cluster.Ask(Short).Run, _cluster.Ask(Long).Run);

        string newest = Directory.GetDirectories(_cluster.Tiny.PathOf("run"), "step-*").Max()!;
        Assert.All(answers, answer => Assert.Equal(newest, CheckpointOf(answer)));
        await AssertAnsweredAsync(answers[0], newest, Short);
        await AssertAnsweredAsync(answers[1], newest, Long);
    }

    private async Task ForgetsACallerThatIsKilledAsync(NodeProcess leader)
    {
        using var caller = new NodeProcess(["infer", "--cluster", _cluster.Address, .. Endless]);
        await caller.LineAsync("answered by");
        caller.Kill();

        await leader.LineAsync("request ended by Stopped");
    }

    private async Task EndsARequestForAnybodyAsync()
    {
        (Task<CommandRun> asked, Task began) = _cluster.Ask(["--id", "mine", .. Endless]);
        await Task.WhenAny(asked, began).WaitAsync(TimeSpan.FromSeconds(90));

        CommandRun cancelled = await TinyRuns.RunAsync("infer", "--cluster", _cluster.Address, "--cancel", "mine");

        Assert.True(cancelled.Code == 0, cancelled.Error);
        Assert.Equal("stopped", (await asked).JsonLines[^1].GetProperty("stopReason").GetString());
    }

    /// <summary>A process ends while it answers: the answer goes on elsewhere, with the tokens that it would have had.</summary>
    private async Task AnswersOnAsync(NodeProcess killed, string left)
    {
        (Task<CommandRun> asked, Task began) = _cluster.Ask(Long);
        await Task.WhenAny(asked, began).WaitAsync(TimeSpan.FromSeconds(90));

        killed.Kill();

        CommandRun answer = await asked;
        await AssertAnsweredAsync(answer, CheckpointOf(answer), Long);
        Assert.Contains(Notices(answer), notice => notice.EndsWith($"on {left}", StringComparison.Ordinal));
    }

    private async Task AssertAnsweredAsync(CommandRun answer, string checkpoint, string[] asked)
    {
        Assert.True(answer.Code == 0, answer.Error);
        CommandRun alone = await TinyRuns.RunAsync(["infer", "--model", checkpoint, "--json", .. Placement, .. asked]);
        Assert.True(alone.Code == 0, alone.Error);
        Assert.Equal(TextOf(alone), TextOf(answer));
        Assert.Equal(alone.JsonLines[^1].GetProperty("newTokens").GetInt32(), answer.JsonLines[^1].GetProperty("newTokens").GetInt32());
    }

    private static string TextOf(CommandRun run) =>
        string.Concat(run.JsonLines.Where(line => line.GetProperty("event").GetString() == "text").Select(line => line.GetProperty("text").GetString()));

    private static IEnumerable<string> Notices(CommandRun run) =>
        run.JsonLines.Where(line => line.GetProperty("event").GetString() == "notice").Select(line => line.GetProperty("text").GetString()!);

    private static string CheckpointOf(CommandRun answer)
    {
        Assert.True(answer.Code == 0, answer.Error);
        return Notices(answer).First(notice => notice.StartsWith("answered by", StringComparison.Ordinal)).Split(' ')[2];
    }

    /// <summary>Training goes on and removes its older checkpoints.</summary>
    private string Keep(string checkpoint)
    {
        string kept = _cluster.Tiny.PathOf("kept");
        Directory.CreateDirectory(kept);
        foreach (string file in Directory.GetFiles(checkpoint))
        {
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
        }

        return kept;
    }
}
