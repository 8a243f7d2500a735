using Actors.Cli.Runs;
using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Tensors;

namespace Actors.Cli.Tests.Runs;

/// <summary>What cannot work ends with one line that names the thing and the mend; what was there before stays.</summary>
public sealed class BadInput : IAsyncLifetime
{
    private readonly TinyRuns _tiny = new();

    private string Root => _tiny.PathOf("model");

    private string Checkpoint => Path.Combine(Root, "step-00000002");

    public async Task InitializeAsync() => await _tiny.TrainAsync("model", "--steps", "2");

    public Task DisposeAsync()
    {
        _tiny.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("")]
    [InlineData("--serial")]
    public async Task A_loss_that_is_no_number_names_step_and_layer_and_keeps_the_last_good_checkpoint(string serial)
    {
        string[] more =
        [
            "--steps", "9", "--set", "actors.training.learning-rate.peak=1e30", "--set", "actors.training.checkpoint-every-steps=1",
            "--set", "actors.training.learning-rate.warmup-steps=0", .. serial.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];

        CommandRun run = await _tiny.TrainAsync("nan", more);

        AssertFails(
            1, @"actors: step 2: the (loss|norm of the gradients) is (NaN|-?∞|-?Infinity), first seen in .+: lower the learning rate, or look at the data; "
            + "the last good checkpoint is .+/nan/step-00000001", run);
        Assert.Equal(["step-00000001"], Directory.GetFileSystemEntries(_tiny.PathOf("nan")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer/model.safetensors")]
    public async Task A_torn_checkpoint_is_not_loaded(string file)
    {
        string path = Path.Combine(Checkpoint, file);
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.SetLength(stream.Length / 2);
        }

        CommandRun run = await ResumeAsync();

        AssertFails(2, $"actors: {Escape(path)}: .*(truncated|ends at|bytes).*", run);
    }

    [Fact]
    public async Task A_checkpoint_without_its_optimizer_is_not_resumed()
    {
        Directory.Delete(Path.Combine(Checkpoint, "optimizer"), recursive: true);

        CommandRun run = await ResumeAsync();

        AssertFails(2, $"actors: {Escape(Path.Combine(Checkpoint, "optimizer"))}: has neither model.safetensors .*", run);
    }

    [Fact]
    public async Task What_a_killed_run_left_half_written_is_never_loaded_and_goes_with_the_next_checkpoint()
    {
        string torn = Path.Combine(Root, "step-00000099.tmp");
        Directory.CreateDirectory(torn);
        File.Copy(Path.Combine(Checkpoint, "config.json"), Path.Combine(torn, "config.json"));
        File.Copy(Path.Combine(Checkpoint, "training.json"), Path.Combine(torn, "training.json"));

        CommandRun run = await ResumeAsync();

        Assert.Equal(0, run.Code);
        Assert.Equal(["step-00000002", "step-00000003"], Directory.GetFileSystemEntries(Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_disk_that_refuses_fails_the_run_and_leaves_earlier_checkpoints()
    {
        File.WriteAllText(Path.Combine(Root, "step-00000003.tmp"), "a file where the folder has to be");

        CommandRun run = await ResumeAsync();

        AssertFails(1, $"actors: {Escape(Path.Combine(Root, "step-00000003"))}: cannot be written: .+; earlier checkpoints are untouched: .+", run);
        Assert.Equal(0, (await InferAsync("x")).Code);
    }

    [Fact]
    public async Task A_damaged_state_file_is_named()
    {
        File.WriteAllText(Path.Combine(Checkpoint, "training.json"), "{\"step\": ");

        AssertFails(2, $"actors: {Escape(Path.Combine(Checkpoint, "training.json"))}: does not say the step: .+", await ResumeAsync());
    }

    [Fact]
    public async Task A_folder_without_a_checkpoint_is_not_resumed()
    {
        string empty = _tiny.PathOf("empty");
        Directory.CreateDirectory(empty);

        CommandRun run = await _tiny.TrainAsync("other", "--resume", empty);

        AssertFails(2, $"actors: {Escape(empty)}: holds neither config.json nor a checkpoint step-N; .+", run);
    }

    [Fact]
    public async Task A_model_that_was_never_trained_here_is_not_resumed()
    {
        File.Delete(Path.Combine(Checkpoint, "training.json"));

        CommandRun run = await _tiny.TrainAsync("other", "--resume", Checkpoint);

        AssertFails(2, "actors: .+: has no training.json: it is a model, .+ --set actors.model.path=.+", run);
    }

    [Fact]
    public async Task A_checkpoint_of_another_model_is_not_resumed()
    {
        CommandRun run = await ResumeAsync("--set", "actors.model.layers=4");

        AssertFails(2, @"actors: --resume: the checkpoint .+ is of another model: its layers is 3, and actors.model.layers is 4 \(--set.*\); .+", run);
    }

    [Fact]
    public async Task A_finished_run_is_not_resumed_for_nothing()
    {
        CommandRun run = await _tiny.TrainAsync("model", "--steps", "2", "--resume", Root);

        AssertFails(2, "actors: --resume: the checkpoint .+ has 2 steps behind it and actors.training.steps is 2: ask for more with --steps", run);
    }

    [Theory]
    [InlineData("lm_head.weight", false, "has no tensor lm_head.weight; .+")]
    [InlineData("lm_head.weight", true, @"lm_head.weight: has shape \[256, 31\], the model's config.json wants \[256, 32\]")]
    [InlineData("stranger.weight", true, "holds stranger.weight, which the model of its config.json does not have; .+")]
    public async Task A_missing_misshapen_or_extra_tensor_is_named(string name, bool isWritten, string error)
    {
        Rewrite(Path.Combine(Checkpoint, "model.safetensors"), name, isWritten ? [256, 31] : null);

        AssertFails(2, $"actors: {Escape(Checkpoint)}[^:]*: {error}", await InferAsync("x"));
    }

    [Fact]
    public async Task A_prompt_must_fit()
    {
        AssertFails(
            2, @"actors: the prompt has 100 tokens; with the answer a sequence may have 100: shorten it or raise actors\.inference\.max-length",
            await InferAsync(new string('x', 100), "--set", "actors.inference.max-length=100"));
        AssertFails(2, "actors: the prompt is empty: give at least one token", await InferAsync(""));
    }

    [Fact]
    public async Task A_vocabulary_that_is_not_of_bytes_takes_no_text()
    {
        await _tiny.TrainAsync("large", "--steps", "1", "--set", "actors.model.vocabulary-size=300");
        await _tiny.TrainAsync("small", "--steps", "1", "--set", "actors.model.vocabulary-size=128");

        CommandRun large = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("large"), "--prompt", "x");
        CommandRun small = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("small"), "--prompt", "é");

        AssertFails(2, "actors: --model: .+ has a vocabulary of 300 tokens; only one of bytes, 256, can be given a text", large);
        AssertFails(2, @"actors: the prompt has token 195; the vocabulary is 0\.\.127", small);
    }

    [Theory]
    [InlineData("train", "")]
    [InlineData("trace", "--trace")]
    [InlineData("eval", "--output")]
    public async Task A_place_that_cannot_be_written_is_refused_before_anything_is_computed(string what, string option)
    {
        string blocked = Path.Combine(_tiny.TextFile, "below-a-file");

        CommandRun run = what switch
        {
            "train" => await TinyRuns.RunAsync("train", _tiny.ProfileFile, "--data", _tiny.TextFile, "--out", blocked),
            "trace" => await _tiny.TrainAsync("out", "--trace", _tiny.Folder.Path),
            _ => await TinyRuns.RunAsync("eval", "--model", Root, "--input", _tiny.WriteInput(), "--output", blocked),
        };

        AssertFails(2, what == "train" ? "actors: .+: cannot be written: .+; name another folder with --out DIR" : $"actors: {option}: .+ cannot be written: .+; name another", run);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task A_trace_without_actors_is_refused()
    {
        AssertFails(
            2, "actors: --trace shows what ranks do, and --serial has none: leave one out",
            await _tiny.TrainAsync("out", "--serial", "--trace", _tiny.PathOf("t.json")));
    }

    [Fact]
    public async Task A_failing_link_ends_the_run_keeps_what_was_trained_and_shows_its_stack_when_asked()
    {
        CommandRun run = await _tiny.TrainAsync(WithLink(new CutAfter(60, isSilent: false)), default, "cut", "--steps", "50", "--verbose");

        string[] lines = run.Error.Split('\n');
        Assert.Equal(1, run.Code);
        Assert.Matches(
            @"^actors: step \d+: rank \d failed: channel \d, \w+: the cable is cut; the last good checkpoint is .+/cut/step-\d+$", lines[0]);
        Assert.Contains(lines, line => line.TrimStart().StartsWith("at Actors.", StringComparison.Ordinal));
        Assert.Equal(0, (await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("cut"), "--prompt", "x", "--max-tokens", "2")).Code);
    }

    /// <summary>The timeout is longer than a busy machine lets a rank wait for a thread: a rank that is late says "does not answer" instead.</summary>
    [Fact]
    public async Task A_run_that_stands_still_ends_after_the_stall_timeout()
    {
        CommandRun run = await _tiny.TrainAsync(
            WithLink(new CutAfter(60, isSilent: true)), default, "stall", "--steps", "50", "--set", "actors.watchdog.stall-timeout=3s");

        AssertFails(
            1, @"actors: step \d+: nothing has moved for 3 s \(actors\.watchdog\.stall-timeout\): rank \d \(pipeline \d, experts \d\) waits at \w+ of "
            + @"layer \d, micro-batch \d: .+ (rows|ranks) have .+; the last good checkpoint is .+", run);
    }

    [Fact]
    public async Task Serving_that_stands_still_ends_too()
    {
        CommandRun run = await CommandRun.With(
            new ModelRuns(WithLink(new CutAfter(2, isSilent: true))), "infer", "--model", Root, "--prompt", "abc",
            "--set", "actors.watchdog.stall-timeout=300ms");

        Assert.Equal(1, run.Code);
        Assert.Contains("actors: nothing has moved for 0.3 s", run.Error, StringComparison.Ordinal);
    }

    private static Composition WithLink(CutAfter cut) => new() { MakeLink = _ => new CutLink(cut) };

    private static string Escape(string text) => System.Text.RegularExpressions.Regex.Escape(text);

    private static void AssertFails(int code, string line, CommandRun run)
    {
        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(run.Error, $"^{line}\n$"), run.Error);
        Assert.Equal(code, run.Code);
    }

    private Task<CommandRun> ResumeAsync(params string[] more) => _tiny.TrainAsync("model", ["--steps", "3", "--resume", Root, .. more]);

    private Task<CommandRun> InferAsync(string prompt, params string[] more) =>
        TinyRuns.RunAsync(["infer", "--model", Root, "--prompt", prompt, "--max-tokens", "2", .. more]);

    /// <summary>Writes a file again without a tensor, or with it in a given shape.</summary>
    private static void Rewrite(string path, string name, long[]? shape)
    {
        var tensors = new List<(SafetensorsTensor Tensor, float[] Values)>();
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors.AddRange(file.Names.Where(other => other != name).Select(other => (file.Find(other), file.ReadFloats(other))));
        }

        if (shape is not null)
        {
            tensors.Add((new SafetensorsTensor(name, SafetensorsType.F32, shape), new float[shape[0] * shape[1]]));
        }

        using SafetensorsWriter writer = SafetensorsWriter.Create(path, [.. tensors.Select(entry => entry.Tensor)]);
        tensors.ForEach(entry => writer.WriteFloats(entry.Tensor.Name, entry.Values));
        writer.Commit();
    }

    /// <summary>Counts the messages of all links until one is lost.</summary>
    private sealed class CutAfter(int hundreds, bool isSilent)
    {
        private int _movements;

        public bool IsSilent => isSilent;

        public bool IsCut() => Interlocked.Increment(ref _movements) > hundreds * 100;
    }

    /// <summary>A link in memory that is cut: it throws, or its messages are lost.</summary>
    private sealed class CutLink(CutAfter cut) : ITensorLink
    {
        private readonly HostLink _link = new();
        private bool _isCut;

        public string Name => "cut";

        public bool IsIdle => !_isCut || !cut.IsSilent;

        public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
        {
            Move();
            _link.Gather(source, rows, destination);
        }

        public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
        {
            Move();
            _link.Scatter(source, from, to, destination);
        }

        public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination) => _link.Sum(parts, rows, destination);

        public void Notify(IStreamCompletion completion)
        {
        }

        public void Dispose() => _link.Dispose();

        private void Move()
        {
            _isCut |= cut.IsCut();
            if (_isCut && !cut.IsSilent)
            {
                throw new InvalidOperationException("the cable is cut");
            }
        }
    }
}
