using System.Globalization;
using Actors.Cli.Runs;
using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Tokenizers;
using Actors.Model.Training;
using Actors.Oracle;
using Actors.Tensors;

namespace Actors.Cli.Tests.Runs;

/// <summary>What is asked of a trained checkpoint: text, and numbers to compare.</summary>
public sealed class ServingAndEvaluation : IAsyncLifetime
{
    private readonly TinyRuns _tiny = new();

    private string Model => _tiny.PathOf("model");

    public async Task InitializeAsync() => await _tiny.TrainAsync("model", "--steps", "2");

    public Task DisposeAsync()
    {
        _tiny.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Text_depends_on_the_seed_only()
    {
        CommandRun first = await InferAsync("--seed", "5", "--temperature", "1");
        CommandRun again = await InferAsync("--seed", "5", "--temperature", "1");
        CommandRun other = await InferAsync("--seed", "6", "--temperature", "1");

        Assert.Equal((0, first.Output), (again.Code, again.Output));
        Assert.NotEqual(first.Output, other.Output);
        Assert.Contains("7 tokens read in ", first.Error, StringComparison.Ordinal);
        Assert.Contains(", 24 written at ", first.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Temperature_zero_writes_what_the_serial_model_would()
    {
        CommandRun run = await InferAsync("--temperature", "0");

        Assert.Equal("line 7:" + SerialGreedy("line 7:", 24) + "\n", run.Output);
        Assert.Equal(SerialGreedy("line 7:", 24) + "\n", (await InferAsync("--temperature", "0", "--no-echo")).Output);
    }

    [Fact]
    public async Task Json_streams_pieces_and_ends_with_a_report()
    {
        CommandRun run = await InferAsync("--temperature", "0", "--json");

        var lines = run.JsonLines;
        Assert.True(lines.Count > 2, "the text came in one piece");
        Assert.All(lines.SkipLast(1), line => Assert.Equal("text", line.GetProperty("event").GetString()));
        Assert.Equal(SerialGreedy("line 7:", 24), string.Concat(lines.SkipLast(1).Select(line => line.GetProperty("text").GetString())));
        Assert.Equal(24, lines[^1].GetProperty("newTokens").GetInt32());
    }

    [Fact]
    public async Task A_stop_ends_the_answer_with_what_there_is()
    {
        CommandRun run = await CommandRun.With(
            new ModelRuns(new Composition()), false, ["infer", "--model", Model, "--prompt", "x", "--max-tokens", "64"],
            new CancellationToken(canceled: true));

        Assert.Equal(0, run.Code);
        Assert.Matches(@"^1 tokens read in .+, \d+ written[^\n]*\nstopped before the answer ended\n$", run.Error);
    }

    [Fact]
    public async Task An_answer_ends_where_the_sequence_is_full()
    {
        CommandRun run = await TinyRuns.RunAsync("infer", "--model", Model, "--prompt", new string('x', 98), "--set", "actors.inference.max-length=100");

        Assert.Contains("2 written at ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "the answer ended because the sequence is full: 100 tokens (actors.inference.max-length, at most the model's positions)\n", run.Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("[1, {0}]")]
    public async Task End_tokens_of_the_generation_config_end_an_answer(string tokens)
    {
        int first = SerialGreedy("line 7:", 1)[0];
        string ids = string.Format(CultureInfo.InvariantCulture, tokens, first);
        File.WriteAllText(Path.Combine(RunFolder.Resolve(Model), GenerationConfig.FileName), $"{{\"eos_token_id\": {ids}}}");

        CommandRun run = await InferAsync("--temperature", "0");

        Assert.Matches(
            @"^actors: an answer ends at tokens? [\d, ]+, as generation_config.json says; config.json says no token\n7 tokens read in [^,]+, 1 written\nthe answer ended at an end token\n$",
            run.Error);
    }

    [Fact]
    public async Task Actors_and_the_serial_model_evaluate_to_the_same_bits()
    {
        string input = _tiny.WriteInput(), actors = _tiny.PathOf("actors.safetensors"), serial = _tiny.PathOf("serial.safetensors");

        CommandRun run = await TinyRuns.RunAsync("eval", "--model", Model, "--input", input, "--output", actors, "--grads");
        CommandRun oracle = await TinyRuns.RunAsync("eval", "--model", Model, "--input", input, "--output", serial, "--grads", "--serial");

        Assert.Equal((0, "", 0), (run.Code, run.Error, oracle.Code));
        Assert.EndsWith($" over 24 tokens, PP 2 x EP 4 in 4 nodes: {actors}\n", run.Output, StringComparison.Ordinal);
        using SafetensorsFile a = SafetensorsFile.Open(actors), b = SafetensorsFile.Open(serial);
        Assert.Equal(b.Names, a.Names);
        Assert.Equal(b.ReadFloats("logits"), a.ReadFloats("logits"));
        Assert.Equal(b.ReadFloats("loss"), a.ReadFloats("loss"));
        Assert.Equal(b.ReadLongs("topk.1"), a.ReadLongs("topk.1"));
        Assert.Equal(b.ReadLongs("topk.2"), a.ReadLongs("topk.2"));
        string[] gradients = [.. a.Names.Where(name => name.StartsWith("grad.", StringComparison.Ordinal))];
        Assert.Contains("grad.model.layers.1.mlp.experts.7.down_proj.weight", gradients);
        Assert.All(gradients, name => Assert.True(Distance(a.ReadFloats(name), b.ReadFloats(name)) < 1e-13, name));
    }

    [Fact]
    public async Task A_model_that_does_not_divide_runs_at_the_nearest_placement_and_says_so()
    {
        await _tiny.TrainAsync(
            "six", "--steps", "1", "--set", "actors.model.routed-experts=6", "--set", "actors.model.expert-groups=3",
            "--set", "actors.parallel.expert-ranks=3", "--set", "actors.parallel.ranks-per-node=3");

        CommandRun run = await TinyRuns.RunAsync(
            "eval", "--model", _tiny.PathOf("six"), "--input", _tiny.WriteInput(), "--output", _tiny.PathOf("o.safetensors"));

        Assert.Equal((0, "actors: the model does not divide into PP 2 x EP 4 in 4 nodes: running PP 2 x EP 3 in 2 nodes\n"), (run.Code, run.Error));
    }

    private Task<CommandRun> InferAsync(params string[] more) =>
        TinyRuns.RunAsync(["infer", "--model", Model, "--prompt", "line 7:", "--max-tokens", "24", .. more]);

    private string SerialGreedy(string prompt, int tokens)
    {
        string folder = RunFolder.Resolve(Model);
        var config = HubConfig.Read(Path.Combine(folder, HubConfig.FileName)).Model;
        using IBackend backend = new CpuBackend();
        using IStream stream = backend.CreateStream("serial");
        var placement = new ExpertPlacement(config.RoutedExperts, 4, 2);
        using var weights = new ModelWeights(backend, config, ModelPart.Whole(config, placement));
        TrainingCheckpoint.LoadModel(folder, [(stream, weights)]);
        using var model = new SerialModel(
            backend, stream, weights, placement, new SerialOptions(1, 1, config.MaxPositions, ActivationMode.ForwardOnly));
        var sampler = new TokenSampler(0, 1, 0);
        var all = new List<int>(prompt.Select(c => (int)c));
        for (int i = 0; i < tokens; i++)
        {
            model.SetChunk(0, [.. all], [], all.Count);
            model.Forward();
            var logits = new float[all.Count * config.VocabularySize];
            model.ReadLogits(0, logits);
            all.Add(sampler.Next(logits.AsSpan((all.Count - 1) * config.VocabularySize)));
        }

        return ((ITokenizer)ByteTokenizer.Instance).Decode([.. all.Skip(prompt.Length)]);
    }

    private static double Distance(float[] x, float[] y)
    {
        double product = x.Zip(y).Sum(pair => (double)pair.First * pair.Second);
        double squares = x.Sum(value => (double)value * value) + y.Sum(value => (double)value * value);
        return squares == 0 ? 0 : 1 - (2 * product / squares);
    }
}
