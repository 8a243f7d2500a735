namespace Actors.Cli.Tests.Runs;

/// <summary>Checkpoints of a run as <c>actors checkpoint</c> verifies and converts them.</summary>
public sealed class StoredCheckpoints : IDisposable
{
    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public async Task A_runs_checkpoint_is_verified_with_its_moments_and_converted()
    {
        Assert.Equal(0, (await _tiny.TrainAsync("run")).Code);

        CommandRun whole = CommandRun.Of("checkpoint", "verify", _tiny.PathOf("run"));
        CommandRun converted = CommandRun.Of("checkpoint", "convert", _tiny.PathOf("run"), "--out", _tiny.PathOf("model"), "--shards", "2", "--dtype", "bf16");
        CommandRun model = CommandRun.Of("checkpoint", "verify", _tiny.PathOf("model"));
        CommandRun answered = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("model"), "--prompt", "the quick", "--max-tokens", "3");

        Assert.True(whole.Code == 0, whole.Error);
        Assert.Matches(@"run/step-00000004 is whole: \d+ tensors, .+, all values finite, step 4 with moments\n$", whole.Output);
        Assert.True(converted.Code == 0, converted.Error);
        Assert.Matches(@"model is whole: \d+ tensors, .+, all values finite\n$", model.Output);
        Assert.True(answered.Code == 0, answered.Error);

        string moments = _tiny.PathOf("run/step-00000004/optimizer/model.safetensors");
        using (FileStream file = File.OpenWrite(moments))
        {
            file.SetLength(file.Length - 4);
        }

        CommandRun torn = CommandRun.Of("checkpoint", "verify", _tiny.PathOf("run"));
        Assert.Equal(1, torn.Code);
        Assert.StartsWith($"actors: {moments}: ", torn.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_in_FP8_is_trained_as_its_values_in_float32_are()
    {
        Assert.Equal(0, (await _tiny.TrainAsync("run")).Code);
        CommandRun scaled = CommandRun.Of("checkpoint", "convert", _tiny.PathOf("run"), "--out", _tiny.PathOf("fp8"), "--dtype", "fp8");
        CommandRun wide = CommandRun.Of("checkpoint", "convert", _tiny.PathOf("fp8"), "--out", _tiny.PathOf("f32"), "--dtype", "f32");
        Assert.True(scaled.Code == 0 && wide.Code == 0, scaled.Error + wide.Error);

        CommandRun fromScaled = await _tiny.TrainAsync("from-fp8", "--steps", "2", "--set", $"actors.model.path={_tiny.PathOf("fp8")}");
        CommandRun fromWide = await _tiny.TrainAsync("from-f32", "--steps", "2", "--set", $"actors.model.path={_tiny.PathOf("f32")}");

        Assert.True(fromScaled.Code == 0, fromScaled.Error);
        Assert.Equal(2, TinyRuns.Losses(fromScaled).Length);
        Assert.Equal(TinyRuns.Losses(fromWide), TinyRuns.Losses(fromScaled));
        Assert.Contains("quantization_config", File.ReadAllText(_tiny.PathOf("fp8/config.json")), StringComparison.Ordinal);
        Assert.DoesNotContain("quantization_config", File.ReadAllText(_tiny.PathOf("from-fp8/step-00000002/config.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-shard-size: large is no size", "--max-shard-size", "large")]
    [InlineData("--shards and --max-shard-size", "--shards", "2", "--max-shard-size", "5GB")]
    [InlineData("--shards: 0 is no number of files", "--shards", "0")]
    [InlineData("does not exist", "--shards", "2")]
    public void What_cannot_be_asked_for_is_refused(string expected, params string[] options)
    {
        CommandRun run = CommandRun.Of(["checkpoint", "convert", "no-such-folder", "--out", "nowhere", .. options]);

        Assert.Equal(2, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }
}
