using Actors.Cli.Runs;
using Actors.Runtime.Configuration;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Cli.Tests.Runs;

/// <summary>What a run may change where it goes on from a checkpoint, and what is said of it.</summary>
public sealed class ResumedRuns : IAsyncLifetime
{
    private readonly TinyRuns _tiny = new();

    public async Task InitializeAsync() => await _tiny.TrainAsync("out", "--steps", "1");

    public Task DisposeAsync()
    {
        _tiny.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("rope.theta=50000", "rope.theta is 10000")]
    [InlineData("routed-scaling-factor=1.5", "routed-scaling-factor is 2.5")]
    [InlineData("rms-norm-epsilon=1e-5", "rms-norm-epsilon is 1E-06")]
    [InlineData("normalize-expert-weights=off", "normalize-expert-weights is True")]
    [InlineData("rope-head-size=4", "rope-head-size is 8")]
    [InlineData("rope.yarn.factor=2", "rope.yarn")]
    [InlineData("end-token=10", "end-token is null")]
    [InlineData("max-positions=100", "max-positions is 128")]
    public async Task A_key_of_the_model_that_contradicts_the_checkpoint_is_refused_by_name(string set, string said)
    {
        CommandRun run = await ResumeAsync("--set", $"actors.model.{set}");

        Assert.Equal(2, run.Code);
        Assert.StartsWith("actors: --resume: the checkpoint ", run.Error, StringComparison.Ordinal);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_started_from_a_model_goes_on_with_a_profile_that_names_other_sizes()
    {
        string model = $"actors.model.path={_tiny.PathOf("out/step-00000001")}";
        string other = _tiny.Folder.Write("other.conf", File.ReadAllText(_tiny.ProfileFile).Replace("hidden-size = 32", "hidden-size = 64"));
        string[] common = ["train", other, "--data", _tiny.TextFile, "--json"];
        CommandRun first = await TinyRuns.RunAsync([.. common, "--out", _tiny.PathOf("tuned"), "--steps", "1", "--set", model]);

        CommandRun same = await TinyRuns.RunAsync([.. common, "--resume", _tiny.PathOf("tuned"), "--steps", "2", "--set", model]);
        CommandRun without = await TinyRuns.RunAsync([.. common, "--resume", _tiny.PathOf("tuned"), "--steps", "3"]);
        CommandRun set = await TinyRuns.RunAsync([.. common, "--resume", _tiny.PathOf("tuned"), "--steps", "4", "--set", "actors.model.hidden-size=64"]);

        Assert.Equal((0, 0, 0, 2), (first.Code, same.Code, without.Code, set.Code));
        Assert.All(new[] { first, same, without }, run => Assert.Contains(Notices(run), text => text.Contains("actors.model.hidden-size = 64", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_option_that_contradicts_the_model_s_folder_is_refused()
    {
        CommandRun run = await _tiny.TrainAsync(
            "new", "--set", $"actors.model.path={_tiny.PathOf("out")}", "--set", "actors.model.hidden-size=64");

        Assert.Equal(2, run.Code);
        Assert.Matches(@"actors: actors\.model\.hidden-size is 64 \(--set\), but the model in .+ has 32: its config\.json decides; leave the key out\n", run.Error);
    }

    [Fact]
    public async Task Another_order_of_the_data_is_said()
    {
        CommandRun same = await ResumeAsync();
        CommandRun other = await _tiny.TrainAsync(
            "out", "--steps", "3", "--resume", _tiny.PathOf("out"), "--set", "actors.training.seed=7", "--set", "actors.training.batch-sequences=8");

        Assert.DoesNotContain(Notices(same), text => text.Contains("unbroken", StringComparison.Ordinal));
        Assert.Contains(
            "the steps from here on see other text than those of an unbroken run: actors.training.seed: 1 before, 7 now, actors.training.batch-sequences: 4 before, 8 now",
            Notices(other));
    }

    [Fact]
    public async Task A_fresh_run_into_a_used_folder_is_refused_and_loses_nothing()
    {
        CommandRun run = await _tiny.TrainAsync("out", "--steps", "1");

        Assert.Equal(2, run.Code);
        Assert.Matches($"actors: {_tiny.PathOf("out")}: holds a run, up to step-00000001: go on .+ --resume .+ --out DIR\n", run.Error);
        Assert.Equal(["step-00000001"], Directory.GetFileSystemEntries(_tiny.PathOf("out")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_is_stopped_before_its_first_step_can_go_on(bool isSerial)
    {
        string[] serial = isSerial ? ["--serial"] : [];
        CommandRun run = await _tiny.TrainAsync(new Composition(), new CancellationToken(canceled: true), "early", serial);

        Assert.Equal((0, _tiny.PathOf("early/step-00000000")), (run.Code, run.JsonLines[^1].GetProperty("checkpoint").GetString()));
        Assert.Equal(0, (await _tiny.TrainAsync("early", ["--resume", _tiny.PathOf("early"), "--steps", "1", .. serial])).Code);
    }

    [Fact]
    public async Task What_a_folder_of_texts_leaves_out_is_said()
    {
        _tiny.Folder.Write("texts/a.txt", File.ReadAllText(_tiny.TextFile));
        File.WriteAllBytes(_tiny.Folder.Write("texts/b.txt.gz", ""), [0x1F, 0x8B, 8, 0]);

        CommandRun run = await TinyRuns.RunAsync(
            "train", _tiny.ProfileFile, "--data", _tiny.PathOf("texts"), "--out", _tiny.PathOf("left"), "--steps", "1", "--json");

        Assert.Equal(0, run.Code);
        Assert.Contains($"not in the text: {_tiny.PathOf("texts/b.txt.gz")} is compressed (gzip): unpack it first with gunzip", Notices(run));
    }

    [Fact]
    public void What_is_missing_on_a_disk_or_in_memory_is_said_in_bytes()
    {
        Assert.Null(DiskSpace.Missing(10, 10));
        Assert.Null(DiskSpace.Missing(10, null));
        Assert.Equal("the disk has 1.00 GB free, and 3.00 GB are needed, so 2.00 GB are missing", DiskSpace.Missing(3_000_000_000, 1_000_000_000));

        MemoryEstimate estimate = MemoryEstimate.For(MemoryKind.Values, 1e9) + MemoryEstimate.For(MemoryKind.Moments, 2e9) + MemoryEstimate.For(MemoryKind.Activations, 0.5e9)
            + MemoryEstimate.For(MemoryKind.Rows, 0.38e9);
        Assert.Null(MemoryCheck.Refusal(estimate, 4e9, "take less"));
        Assert.Equal(
            "about 4.00 GB of memory are needed (weights 1.00 GB, gradients and moments 2.00 GB, activations 500 MB, rows between ranks 380 MB) and 3.00 GB are "
            + "available, so 1.00 GB are missing: take less; actors.backend.memory-check=off starts it all the same",
            MemoryCheck.Refusal(estimate, 3e9, "take less"));
        Assert.Null(MemoryCheck.Refusal(1, estimate, 3.88e9, "take less"));
        Assert.Equal(
            "GPU 1 needs about 3.88 GB of memory (weights 1.00 GB, gradients and moments 2.00 GB, activations 500 MB, rows between ranks 380 MB) and has 3.00 GB free, so "
            + "880 MB are missing: take less; actors.backend.memory-check=off starts it all the same",
            MemoryCheck.Refusal(1, estimate, 3e9, "take less"));
        Assert.Null(MemoryCheck.AverageRefusal(0, 1e6));
        Assert.Null(MemoryCheck.AverageRefusal(2.8e9, 3e9));
        Assert.Equal(
            "the average of the parameters needs about 2.90 GB of the host's memory, and 3.00 GB are available: set actors.training.average.decay to 0; "
            + "actors.backend.memory-check=off starts it all the same",
            MemoryCheck.AverageRefusal(2.9e9, 3e9));
        Assert.True(AvailableMemory.Bytes() > 1e8);
    }

    [Theory]
    [InlineData("actors.training.batch-sequences=2147483647", "actors.training.batch-sequences: 2147483647 sequences of 16 tokens are .+ use at most")]
    [InlineData("actors.training.batch-sequences=100000000", "about .+ of memory are needed .+ are missing: .+memory-check=off")]
    [InlineData("actors.pipeline.micro-batches=2147483646", "actors.pipeline.micro-batches")]
    [InlineData("actors.model.heads=2147483647", "actors.model.heads: .+ more than a matrix can have")]
    [InlineData("actors.model.hidden-size=2147483647", "actors.model.routed-experts: .+ more than a matrix can have")]
    [InlineData("actors.model.vocabulary-size=2147483647", "about .+ of memory are needed .+")]
    public async Task What_no_machine_holds_is_refused_before_the_text_is_read(string set, string error)
    {
        CommandRun run = await TinyRuns.RunAsync("train", _tiny.ProfileFile, "--data", "no-such-text", "--set", set);

        Assert.Equal(2, run.Code);
        Assert.Matches($"^actors: {error}", run.Error);
    }

    [Fact]
    public void Every_key_of_the_model_is_compared()
    {
        ActorsSettings settings = ActorsSettings.Read(LayeredConfiguration.Load(null));

        Assert.Equal(
            settings.Effective.Select(setting => setting.Key).Where(key => key.StartsWith("actors.model.", StringComparison.Ordinal) && key != "actors.model.path").Order(),
            ModelKeys.All.Select(key => key.FullKey).Order());
    }

    private static string[] Notices(CommandRun run) =>
        [.. run.JsonLines.Where(line => line.GetProperty("event").GetString() == "notice").Select(line => line.GetProperty("text").GetString()!)];

    private Task<CommandRun> ResumeAsync(params string[] more) => _tiny.TrainAsync("out", ["--steps", "2", "--resume", _tiny.PathOf("out"), .. more]);
}
