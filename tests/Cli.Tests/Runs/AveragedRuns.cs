using Actors.Cli.Runs;
using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Cli.Tests.Runs;

/// <summary>Runs that keep an average of the parameters, or moments in bfloat16.</summary>
public sealed class AveragedRuns : IDisposable
{
    private static readonly string[] Average = ["--set", "actors.training.average.decay=0.9", "--set", "actors.training.average.every-steps=2"];
    private static readonly string[] Rounded = ["--set", "actors.training.optimizer.moments=bfloat16"];
    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    /// <summary>After steps 2 and 4, with 0.9² = 0.81 of the average before; it begins with the fresh values, which are those of step 0.</summary>
    [Fact]
    public async Task The_average_is_the_sum_of_the_values_every_so_many_steps_serially_and_through_actors()
    {
        string[] common = ["--set", "actors.training.learning-rate.decay-until-step=6", "--set", "actors.training.learning-rate.constant-until-step=6"];
        CancellationToken stopped = new(canceled: true);
        await _tiny.TrainAsync(new Composition(), stopped, "fresh", common);
        await _tiny.TrainAsync("two", [.. common, "--steps", "2"]);
        CommandRun actors = await _tiny.TrainAsync("four", [.. common, .. Average, "--steps", "4"]);
        CommandRun serial = await _tiny.TrainAsync("serial", [.. common, .. Average, "--steps", "4", "--serial"]);

        Assert.Equal((0, 0), (actors.Code, serial.Code));
        const string Name = "model.layers.1.self_attn.o_proj.weight";
        float keep = new AverageOptions(0.9, 2).Keep;
        float[] expected = Values("fresh", Name);
        foreach (float[] values in (float[][])[Values("two", Name), Values("four", Name)])
        {
            expected = [.. expected.Zip(values, (average, value) => (average * keep) + (value * (1 - keep)))];
        }

        Assert.Equal(expected, Values("four", Name, "average"));
        Assert.All(Values("serial", Name, "average").Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    [Fact]
    public async Task A_resumed_run_has_the_average_of_an_unbroken_one_which_answers_and_evaluates()
    {
        string[] nodes = ["--set", "actors.parallel.share-memory=off"];
        CommandRun unbroken = await _tiny.TrainAsync("unbroken", [.. Average, "--steps", "6"]);
        CommandRun first = await _tiny.TrainAsync("parts", [.. Average, .. nodes, "--steps", "3", "--set", "actors.training.learning-rate.decay-until-step=6"]);
        CommandRun second = await _tiny.TrainAsync("parts", [.. Average, .. nodes, "--steps", "6", "--resume", _tiny.PathOf("parts")]);
        string average = Path.Combine(Newest("parts"), "average");
        CommandRun answer = await TinyRuns.RunAsync("infer", "--model", average, "--prompt", "line", "--max-tokens", "4");
        CommandRun evaluation = await TinyRuns.RunAsync(
            "eval", "--model", average, "--input", _tiny.WriteInput(), "--output", _tiny.PathOf("output.safetensors"));

        Assert.All([unbroken, first, second, answer, evaluation], run => Assert.Equal(0, run.Code));
        foreach (string file in (string[])["model.safetensors", "average/model.safetensors", "average/config.json"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Newest("unbroken"), file)), await File.ReadAllBytesAsync(Path.Combine(Newest("parts"), file)));
        }

        CheckpointVerification.Verify(Newest("parts"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Moments_of_bfloat16_are_kept_in_checkpoints_and_resumed_bit_for_bit(bool isSerial)
    {
        string[] mode = isSerial ? [.. Rounded, "--serial"] : Rounded;
        string[] rate = ["--set", "actors.training.learning-rate.decay-until-step=5"];
        CommandRun full = await _tiny.TrainAsync("full", [.. rate, "--steps", "5", .. isSerial ? (string[])["--serial"] : []]);
        CommandRun unbroken = await _tiny.TrainAsync("unbroken", [.. mode, .. rate, "--steps", "5"]);
        await _tiny.TrainAsync("parts", [.. mode, .. rate, "--steps", "2"]);
        CommandRun resumed = await _tiny.TrainAsync("parts", [.. mode, .. rate, "--steps", "5", "--resume", _tiny.PathOf("parts")]);

        Assert.Equal(TinyRuns.Losses(unbroken)[2..], TinyRuns.Losses(resumed));
        foreach (string file in (string[])["model.safetensors", "optimizer/model.safetensors"])
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Newest("unbroken"), file)), await File.ReadAllBytesAsync(Path.Combine(Newest("parts"), file)));
        }

        using CheckpointReader moments = CheckpointReader.Open(Path.Combine(Newest("parts"), "optimizer"));
        Assert.All(moments.Names, name => Assert.Equal(SafetensorsType.BF16, moments.Find(name).Type));
        Assert.Equal(TinyRuns.Losses(full)[0], TinyRuns.Losses(unbroken)[0]);
        Assert.NotEqual(TinyRuns.Losses(full)[4], TinyRuns.Losses(unbroken)[4]);

        // A moment is rounded by at most 2⁻⁹ of itself, and so a step by about as much of its size.
        Assert.All(TinyRuns.Losses(full).Zip(TinyRuns.Losses(unbroken)), pair => Assert.Equal(pair.First, pair.Second, 1e-2 * pair.First));
        CheckpointVerification.Verify(Newest("parts"));
    }

    private string Newest(string output) => RunFolder.Resolve(_tiny.PathOf(output));

    private float[] Values(string output, string tensor, string folder = "")
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Newest(output), folder, "model.safetensors"));
        return file.ReadFloats(tensor);
    }
}
