using Actors.Cli.Tests.Nodes;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Cli.Tests.Runs;

/// <summary>A trained model that is trained on with a longer context, in two phases.</summary>
public sealed class ExtendedContexts : IDisposable
{
    private readonly TinyRuns _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public async Task Options_extend_the_context_of_a_model_and_its_checkpoints_keep_it()
    {
        await _tiny.TrainAsync("base", "--steps", "2");
        CommandRun first = await _tiny.TrainAsync(
            "first", ["--steps", "2", .. From("base"), "--set", "actors.model.max-positions=256", "--set", "actors.model.rope.yarn.factor=4",
            "--set", "actors.model.rope.yarn.original-max-positions=128", "--set", "actors.model.rope.yarn.mscale=1", "--set", "actors.model.rope.yarn.mscale-all-dim=1",
            "--set", "actors.training.sequence-length=160"]);
        CommandRun resumed = await _tiny.TrainAsync(
            "first", "--steps", "3", "--resume", _tiny.PathOf("first"), "--set", "actors.model.max-positions=256", "--set", "actors.training.sequence-length=160");
        CommandRun second = await _tiny.TrainAsync(
            "second", ["--steps", "1", .. From("first"), "--set", "actors.model.max-positions=512", "--set", "actors.training.sequence-length=320"]);
        CommandRun answer = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("second"), "--prompt", "line", "--max-tokens", "4");

        Assert.All([first, resumed, second, answer], run => Assert.Equal(0, run.Code));
        HubConfig config = HubConfig.Read(Path.Combine(RunFolder.Resolve(_tiny.PathOf("second")), HubConfig.FileName));
        Assert.Equal((512, 4.0, 128, 32.0, 1.0, 1.0), (
            config.Model.MaxPositions, config.Model.Rope.Yarn!.Factor, config.Model.Rope.Yarn.OriginalMaxPositions, config.Model.Rope.Yarn.BetaFast,
            config.Model.Rope.Yarn.Mscale, config.Model.Rope.Yarn.MscaleAllDim));
    }

    /// <summary>The extension changes what the same tensors compute, through actors as serially.</summary>
    [Fact]
    public async Task The_first_loss_is_that_of_the_new_positions()
    {
        await _tiny.TrainAsync("base", "--steps", "2");
        string[] yarn = ["--set", "actors.model.rope.yarn.factor=40", "--set", "actors.model.rope.yarn.original-max-positions=16", "--steps", "1"];
        double plain = TinyRuns.Losses(await _tiny.TrainAsync("plain", ["--steps", "1", .. From("base")]))[0];
        double actors = TinyRuns.Losses(await _tiny.TrainAsync("actors", [.. yarn, .. From("base")]))[0];
        double serial = TinyRuns.Losses(await _tiny.TrainAsync("serial", [.. yarn, .. From("base"), "--serial"]))[0];

        Assert.Equal(serial, actors);
        Assert.NotEqual(plain, actors);
    }

    /// <summary>Steps and schedules go on, with the moments that a resumed run has.</summary>
    [Fact]
    public async Task A_run_goes_on_with_another_context_where_its_settings_allow_it()
    {
        await _tiny.TrainAsync("base", "--steps", "2");
        string[] longer =
        [
            "--resume", _tiny.PathOf("base"), "--steps", "4", "--set", "actors.model.max-positions=256", "--set", "actors.model.rope.yarn.factor=2",
            "--set", "actors.model.rope.yarn.original-max-positions=128", "--set", "actors.training.sequence-length=160",
            "--set", "actors.training.extend-context=on",
        ];
        CommandRun refused = await _tiny.TrainAsync("refused", "--resume", _tiny.PathOf("base"), "--steps", "4", "--set", "actors.model.max-positions=256");
        CommandRun actors = await _tiny.TrainAsync("actors", longer);
        CommandRun serial = await _tiny.TrainAsync("serial", [.. longer, "--serial"]);
        CommandRun again = await _tiny.TrainAsync("actors", "--resume", _tiny.PathOf("actors"), "--steps", "5", "--set", "actors.model.max-positions=256");

        Assert.Equal((2, 0, 0, 0), (refused.Code, actors.Code, serial.Code, again.Code));
        Assert.EndsWith("or actors.training.extend-context=on for another context\n", refused.Error, StringComparison.Ordinal);
        Assert.Contains(actors.Notices, notice => notice.StartsWith("the run goes on with another context: ", StringComparison.Ordinal)
            && notice.Contains("max-positions: 128 before, 256 now", StringComparison.Ordinal) && notice.Contains("rope.yarn.factor: null before, 2 now", StringComparison.Ordinal));
        Assert.Equal([3, 4], TinyCluster.StepsOf(actors).Select(step => step.GetProperty("step").GetInt32()));
        Assert.Equal(TinyRuns.Losses(serial)[0], TinyRuns.Losses(actors)[0]);
        Assert.Equal(TinyRuns.Losses(serial)[1], TinyRuns.Losses(actors)[1], 1e-6);
        Assert.Equal((256, 2.0), (ConfigOf("actors").MaxPositions, ConfigOf("actors").Rope.Yarn!.Factor));
    }

    [Fact]
    public async Task What_the_model_cannot_have_is_refused()
    {
        await _tiny.TrainAsync("base", "--steps", "1");
        CommandRun factor = await _tiny.TrainAsync("new", [.. From("base"), "--set", "actors.model.rope.yarn.factor=0.5"]);

        Assert.Equal((2, "actors: the model with the options of actors.model: factor: 0.5 is not a finite number of 1 or more\n"), (factor.Code, factor.Error));
    }

    private ModelConfig ConfigOf(string run) => HubConfig.Read(Path.Combine(RunFolder.Resolve(_tiny.PathOf(run)), HubConfig.FileName)).Model;

    private string[] From(string run) => ["--set", $"actors.model.path={_tiny.PathOf(run)}"];
}
