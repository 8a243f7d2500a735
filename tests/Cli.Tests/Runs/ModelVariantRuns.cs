using System.Text.Json;
using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Cli.Tests.Runs;

/// <summary>From the command to the answer with models other than the usual one, and with ones whose numbers overflow.</summary>
public sealed class ModelVariantRuns : IDisposable
{
    /// <summary>As in <see cref="TrainingRuns"/>: gradients summed in another order, then losses of float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Theory]
    [InlineData("tie-word-embeddings=true")]
    [InlineData("shared-experts=0")]
    [InlineData("routed-experts=1", "experts-per-token=1", "expert-groups=1", "expert-groups-kept=1")]
    public async Task A_variant_trains_as_serially_resumes_evaluates_and_answers(params string[] keys)
    {
        string[] sets = [.. keys.SelectMany(key => (string[])["--set", "actors.model." + key])];
        string[] one = keys.Length == 1 ? [] : ["--set", "actors.parallel.expert-ranks=1", "--set", "actors.parallel.ranks-per-node=1"];

        CommandRun actors = await _tiny.TrainAsync("actors", [.. sets, .. one]);
        CommandRun serial = await _tiny.TrainAsync("serial", [.. sets, .. one, "--serial"]);
        CommandRun resumed = await _tiny.TrainAsync(
            "actors", [.. sets, .. one, "--steps", "6", "--resume", _tiny.PathOf("actors"), "--set", "actors.parallel.pipeline-ranks=1", "--set", "actors.pipeline.schedule=1f1b"]);
        CommandRun answer = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("actors"), "--prompt", "line", "--max-tokens", "4");

        Assert.Equal((0, 0, 0, 0), (actors.Code, serial.Code, resumed.Code, answer.Code));
        double[] losses = TinyRuns.Losses(actors), expected = TinyRuns.Losses(serial);
        Assert.Equal(expected[0], losses[0]);
        Assert.All(losses.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, LaterStepTolerance * pair.Second));
        Assert.Equal(2, TinyRuns.Losses(resumed).Length);
        Assert.True(TinyRuns.Losses(resumed)[^1] < losses[0], "nothing was learned");
        await AssertEvaluatesAsSeriallyAsync(_tiny.PathOf("actors"));
    }

    [Fact]
    public async Task A_tied_checkpoint_holds_one_matrix()
    {
        await _tiny.TrainAsync("out", "--steps", "1", "--set", "actors.model.tie-word-embeddings=true");
        string folder = RunFolder.Resolve(_tiny.PathOf("out"));

        using CheckpointReader model = CheckpointReader.Open(folder), moments = CheckpointReader.Open(Path.Combine(folder, "optimizer"));
        Assert.DoesNotContain(model.Names.Concat(moments.Names), name => name.Contains("lm_head", StringComparison.Ordinal));
        Assert.Contains("first.model.embed_tokens.weight", moments.Names);
        using JsonDocument config = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "config.json")));
        Assert.True(config.RootElement.GetProperty("tie_word_embeddings").GetBoolean());
    }

    /// <summary>Weights that are finite and too large: what overflows on the way must not be read as a number.</summary>
    [Theory]
    [InlineData("model.embed_tokens.weight", 1e30f, "layer 0")]
    [InlineData("model.layers.1.self_attn.o_proj.weight", 3e38f, "layer 1")]
    [InlineData("model.layers.1.mlp.gate.weight", 3e38f, "layer 1")]
    [InlineData("lm_head.weight", 3e38f, "the output head")]
    public async Task What_overflows_is_refused_by_every_command(string tensor, float value, string part)
    {
        await _tiny.TrainAsync("out", "--steps", "1");
        string folder = RunFolder.Resolve(_tiny.PathOf("out"));
        Fill(Path.Combine(folder, "model.safetensors"), tensor, value);
        string[] evaluation = ["eval", "--model", folder, "--input", _tiny.WriteInput(), "--output", _tiny.PathOf("o.safetensors")];

        CommandRun infer = await TinyRuns.RunAsync("infer", "--model", folder, "--prompt", "line", "--max-tokens", "4", "--temperature", "0");
        CommandRun actors = await TinyRuns.RunAsync(evaluation);
        CommandRun serial = await TinyRuns.RunAsync([.. evaluation, "--serial"]);
        CommandRun train = await _tiny.TrainAsync("more", "--steps", "2", "--set", $"actors.model.path={folder}");

        Assert.Equal((1, 1, 1, 1), (infer.Code, actors.Code, serial.Code, train.Code));
        Assert.Equal("", infer.Output);
        Assert.All([infer, actors, serial, train], run => Assert.Contains($"first seen in the output of {part}", run.Error, StringComparison.Ordinal));
        Assert.False(File.Exists(_tiny.PathOf("o.safetensors")));
    }

    private async Task AssertEvaluatesAsSeriallyAsync(string model)
    {
        string input = _tiny.WriteInput(), actors = _tiny.PathOf("actors.safetensors"), serial = _tiny.PathOf("serial.safetensors");
        await TinyRuns.RunAsync("eval", "--model", model, "--input", input, "--output", actors, "--grads");
        await TinyRuns.RunAsync("eval", "--model", model, "--input", input, "--output", serial, "--grads", "--serial");
        using SafetensorsFile a = SafetensorsFile.Open(actors), b = SafetensorsFile.Open(serial);
        Assert.Equal(b.Names, a.Names);
        Assert.Equal(b.ReadFloats("logits"), a.ReadFloats("logits"));
        Assert.Equal(b.ReadFloats("loss"), a.ReadFloats("loss"));
    }

    private static void Fill(string path, string name, float value)
    {
        var tensors = new List<(SafetensorsTensor Tensor, float[] Values)>();
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors.AddRange(file.Names.Select(other => (file.Find(other), file.ReadFloats(other))));
        }

        using SafetensorsWriter writer = SafetensorsWriter.Create(path, [.. tensors.Select(entry => entry.Tensor)]);
        foreach ((SafetensorsTensor tensor, float[] values) in tensors)
        {
            writer.WriteFloats(tensor.Name, tensor.Name == name ? [.. values.Select((_, i) => i % 2 == 0 ? value : -value)] : values);
        }

        writer.Commit();
    }
}
