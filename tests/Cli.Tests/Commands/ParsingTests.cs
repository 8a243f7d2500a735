namespace Actors.Cli.Tests.Commands;

public sealed class ParsingTests
{
    private readonly FakeRuns _runs = new();

    [Theory]
    [InlineData("@Override public")]
    [InlineData("@")]
    [InlineData("[x] y")]
    [InlineData("-- no")]
    [InlineData("-5")]
    public async Task A_prompt_is_text_whatever_it_begins_with(string prompt)
    {
        foreach (string[] args in (string[][])[["--model", ".", "--prompt", prompt], ["--prompt", prompt, "--model", "."], ["--model", ".", $"--prompt={prompt}"]])
        {
            CommandRun run = await CommandRun.With(_runs, ["infer", .. args]);

            Assert.Equal((0, prompt), (run.Code, System.Text.Encoding.UTF8.GetString(_runs.Infer!.Prompt)));
        }
    }

    [Theory]
    [InlineData("train @texts", "@texts does not exist: name a profile, such as hocon/quickstart.conf.")]
    [InlineData("train --data @texts", "The text @texts does not exist: name a file or a folder.")]
    [InlineData("infer --prompt x --model @model", "--model: the folder @model does not exist; name one with config.json and model.safetensors")]
    [InlineData("@train", "Unrecognized command or argument '@train'; did you mean train? See actors --help")]
    [InlineData("trian", "Unrecognized command or argument 'trian'; did you mean train? See actors --help")]
    [InlineData("nonsense", "Unrecognized command or argument 'nonsense'; see actors --help")]
    [InlineData("train --dta x", "Unrecognized option '--dta'; did you mean --data? See actors train --help")]
    [InlineData("train --jsn", "Unrecognized option '--jsn'; did you mean --json? See actors train --help")]
    [InlineData("infer --model . --promt=x", "Unrecognized option '--promt=x'; did you mean --prompt? See actors infer --help")]
    [InlineData("infer --model . --prompt x --temp 1", "Unrecognized option '--temp'; did you mean --temperature? See actors infer --help")]
    [InlineData("schedule zbv 1f1b --ranks 2 --micro-batches 4", "SCHEDULE is 'zbv' and again '1f1b': name one; see actors schedule --help")]
    public async Task What_is_not_understood_names_what_was_probably_meant(string args, string error)
    {
        CommandRun run = await CommandRun.With(_runs, args.Split(' '));

        Assert.Equal((2, "", $"actors: {error}\n"), (run.Code, run.Output, run.Error));
    }

    [Theory]
    [InlineData("[suggest]", "tr", "train")]
    [InlineData("[suggest:12]", "schedule zer", "interleaved-zero-bubble")]
    [InlineData("[suggest:14]", "config shakesp", "shakespeare")]
    [InlineData("[suggest:9]", "train --d", "--data")]
    public async Task Shells_get_completions(string directive, string line, string expected)
    {
        CommandRun run = await CommandRun.With(_runs, directive, line);

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains(expected, run.Output.Split('\n'));
    }

    [Fact]
    public void The_version_is_short() => Assert.Equal((0, "actors 0.1.0\n"), (CommandRun.Of("--version").Code, CommandRun.Of("--version").Output));
}
