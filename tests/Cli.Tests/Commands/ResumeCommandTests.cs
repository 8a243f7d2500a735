namespace Actors.Cli.Tests.Commands;

public sealed class ResumeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _text;

    public ResumeCommandTests()
    {
        _text = _folder.Write("my text.txt", new string('a', 5000));
        _folder.Write("p.conf", "# as it is");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--steps 2", "--steps 2")]
    [InlineData("--out there --steps 2 FOLDER/p.conf", "--steps 2 FOLDER/p.conf")]
    [InlineData("--out=there --steps=2 shakespeare --serial", "--steps 2 shakespeare --serial")]
    [InlineData("--serial shakespeare --resume FOLDER --out there --steps 2", "--serial shakespeare --steps 2")]
    [InlineData("--steps 2 --trace FOLDER/t.json --out there", "--steps 2 --trace FOLDER/t.json")]
    [InlineData("--set actors.data.held-out-fraction=0.2 --steps 2 --out there", "--set actors.data.held-out-fraction=0.2 --steps 2")]
    public async Task It_is_what_was_typed_without_what_resume_replaces(string typed, string expected)
    {
        string Named(string text) => text.Replace("FOLDER", _folder.Path);
        string output = typed.Contains("there") ? "there" : Path.Combine("runs", "quickstart");

        CommandRun run = await CommandRun.With(
            new FakeRuns(), false, ["train", "--data", _text, .. Named(typed).Split(' ')], new CancellationToken(canceled: true));

        Assert.EndsWith($"\ngo on with: actors train --resume {output} --data '{_text}' {Named(expected)}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_that_was_started_is_named_where_it_is_not_actors()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, output, IsInteractive: false, Width: 100, HasColor: false) { StartedAs = "dotnet bin/actors.dll" };

        await ActorsCommand.RunAsync(["train", "--data", _text, "--out", "there"], terminal, new FakeRuns(), new CancellationToken(canceled: true));

        Assert.EndsWith(
            $"\ngo on with: actors train --resume there --data '{_text}'\nas started here: dotnet bin/actors.dll train --resume there --data '{_text}'\n",
            output.ToString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/bin/dotnet", "/repo/bin/actors.dll", "/repo", "dotnet bin/actors.dll")]
    [InlineData("/usr/bin/dotnet", "/repo/bin/actors.dll", "/repo/bin", "dotnet ./actors.dll")]
    [InlineData("/usr/bin/dotnet", "/repo/bin/actors.dll", "/elsewhere", "dotnet /repo/bin/actors.dll")]
    [InlineData("/tools/actors", "/store/actors.dll", "/repo", "actors")]
    [InlineData("/repo/out/actors", "/repo/out/actors.dll", "/repo", "out/actors")]
    public void A_program_on_the_path_is_named_alone(string process, string assembly, string current, string expected) =>
        Assert.Equal(expected, CommandName.Of(process, assembly, "/usr/bin:/tools/", current));
}
