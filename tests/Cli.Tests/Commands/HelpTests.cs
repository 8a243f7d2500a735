using System.CommandLine;
using System.Text.RegularExpressions;

namespace Actors.Cli.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData("train", "[<PROFILE>] --data <PATH> --steps <N> --out <DIR> --resume <DIR> --serial --set <key=value> --trace <FILE>")]
    [InlineData("infer", "--model <DIR> --prompt <TEXT> --prompt-file <FILE> --no-echo --max-tokens <N> --temperature <T> --top-p <P> --seed <S> --cluster <HOST:PORT> --from <DIR> --id <NAME> --cancel <NAME> --set <key=value>")]
    [InlineData("eval", "--model <DIR> --input <FILE.safetensors> --output <FILE.safetensors> --grads --serial --set <key=value>")]
    [InlineData("config", "[<PROFILE>] --origins --schedule --memory --set <key=value>")]
    [InlineData(
        "schedule",
        "<SCHEDULE> --ranks <N> --micro-batches <M> --format <csv|json|svg|terminal|text|trace> --output <FILE> --communication "
        + "--costs <F,I,W[,PAIR[,SEND]]> --chunk-time <T> --stage-costs <FILE|LIST> --costs-from <TRACE> --pair-gain <SHARE> "
        + "--latency <T[,BETWEEN]> --bandwidth <B[,BETWEEN]> --activation-bytes <BYTES[,GRADIENT]> --ranks-per-node <N> "
        + "--stage-memory <FILE|LIST> --kept-for-weights <SHARE> -dualpipe: -1f1b: -forward:")]
    public async Task Help_names_every_option(string command, string parts)
    {
        CommandRun run = await CommandRun.With(new FakeRuns(), command, "--help");

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains($"actors {command}", run.Output, StringComparison.Ordinal);
        foreach (string part in parts.Split(" -"))
        {
            Assert.Contains(part.TrimStart('-'), run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("--json", run.Output, StringComparison.Ordinal);
        Assert.Contains("--verbose", run.Output, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  actors {command} ", run.Output.Replace($"actors {command}\n", $"actors {command} \n"), StringComparison.Ordinal);
        Assert.Contains("Exit codes:\n  0  done", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_example_is_a_command_line_that_is_understood()
    {
        using var output = new StringWriter();
        RootCommand root = ActorsCommand.Create(new Terminal(output, output, false, 100, false), new FakeRuns());
        Command[] commands = [root, .. root.Subcommands, .. root.Subcommands.SelectMany(command => command.Subcommands)];
        string[] examples = [.. commands.SelectMany(CommandHelp.ExamplesOf)];

        Assert.InRange(examples.Length, 15, 60);
        Assert.All(examples, example => Assert.Null(UsageErrors.Of(root.Parse(Words(example)))));
    }

    [Fact]
    public void Without_arguments_the_help_is_shown()
    {
        CommandRun run = CommandRun.Of();

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("  schedule <SCHEDULE>  ", run.Output, StringComparison.Ordinal);
        Assert.Contains("  config <PROFILE>     ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Subcommands_that_cannot_run_are_not_offered()
    {
        string help = CommandRun.Of("--help").Output;

        Assert.DoesNotContain("train", help[help.IndexOf("Commands:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Equal("actors: Unrecognized command or argument 'train'; see actors --help\n", CommandRun.Of("train").Error);
    }

    private static string[] Words(string line) => [.. Regex.Matches(line, "'([^']*)'|([^ ]+)").Select(word => word.Value.Trim('\''))];
}
