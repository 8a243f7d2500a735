using System.Text.Json;

namespace Actors.Cli.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_default_is_the_quickstart_and_values_have_their_types()
    {
        CommandRun run = CommandRun.Of("config", "--set", "actors.training.steps=5", "--set", "actors.data.paths=[a, b]");

        Assert.Equal((0, ""), (run.Code, run.Error));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement actors = json.RootElement.GetProperty("actors");
        Assert.Equal(1, actors.GetProperty("fabric").GetProperty("channels").GetInt32());
        Assert.Equal(5, actors.GetProperty("training").GetProperty("steps").GetInt32());
        Assert.Equal(0.95, actors.GetProperty("training").GetProperty("optimizer").GetProperty("beta2").GetDouble());
        Assert.False(actors.GetProperty("training").GetProperty("recompute").GetBoolean());
        Assert.Equal(JsonValueKind.Null, actors.GetProperty("model").GetProperty("path").ValueKind);
        Assert.Equal("60s", actors.GetProperty("watchdog").GetProperty("stall-timeout").GetString());
        Assert.Equal(["a", "b"], actors.GetProperty("data").GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
    }

    [Fact]
    public void Origins_name_layer_and_line()
    {
        string profile = _folder.Write("p.conf", "\nactors.training.seed = 4");

        CommandRun run = CommandRun.Of("config", profile, "--origins", "--set", "actors.training.steps=5");

        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement seed = json.RootElement.GetProperty("actors.training.seed");
        Assert.Equal(4, seed.GetProperty("value").GetInt32());
        Assert.Equal(profile, seed.GetProperty("source").GetString());
        Assert.Equal(2, seed.GetProperty("line").GetInt32());
        JsonElement steps = json.RootElement.GetProperty("actors.training.steps");
        Assert.Equal((5, "--set"), (steps.GetProperty("value").GetInt32(), steps.GetProperty("source").GetString()));
        Assert.False(steps.TryGetProperty("line", out _));
        Assert.Equal("reference.conf", json.RootElement.GetProperty("actors.backend.name").GetProperty("source").GetString());
    }

    [Fact]
    public void Json_for_machines_is_one_line()
    {
        Assert.Single(CommandRun.Of("config", "--json").JsonLines);
        Assert.Single(CommandRun.Of("config", "--json", "--origins").JsonLines);
    }

    [Theory]
    [InlineData("config none.conf", "none.conf does not exist: name a profile, such as hocon/quickstart.conf.")]
    [InlineData("config --bogus", "Unrecognized option '--bogus'; see actors config --help")]
    [InlineData("config a.conf b.conf", "PROFILE is 'a.conf' and again 'b.conf': name one; see actors config --help")]
    [InlineData(
        "config shakspeare",
        "there is no profile shakspeare: name a file, such as my.conf, or a built-in one: deepseek-v3, ep32, quickstart, recipe, shakespeare")]
    [InlineData("config --orgins", "Unrecognized option '--orgins'; did you mean --origins? See actors config --help")]
    [InlineData("config -origins", "Unrecognized option '-origins'; did you mean --origins? See actors config --help")]
    [InlineData(
        "config --set actors.inference.temperature=0,8",
        "actors.inference.temperature is \"0,8\", but must be a number of 0 or more; write 0.8, with a point (--set).")]
    [InlineData("config --set x", "--set \"x\" is not key=value; write it like --set actors.training.steps=5.")]
    [InlineData(
        "config --set actors.training.stepz=5", "actors.training.stepz does not exist: did you mean actors.training.steps? (--set).")]
    [InlineData(
        "config --set actors.parallel.expert-ranks=3",
        "actors.parallel.expert-ranks: 16 routed experts do not divide over 3 ranks, and every rank holds as many; use a divisor of "
        + "16 (--set).")]
    [InlineData("confg", "Unrecognized command or argument 'confg'; did you mean config? See actors --help")]
    public void Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        CommandRun run = CommandRun.Of(args.Split(' '));

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public void Verbose_adds_the_stack_trace()
    {
        CommandRun run = CommandRun.Of("config", "none.conf", "--verbose");

        Assert.Equal(2, run.Code);
        Assert.StartsWith("actors: none.conf does not exist", run.Error, StringComparison.Ordinal);
        // Of the frames, the JIT inlines what it likes.
        Assert.Contains("   at Actors.Runtime.Configuration.", run.Error, StringComparison.Ordinal);
    }
}
