namespace Actors.Cli.Tests.Commands;

public sealed class SimulateCommandTests
{
    [Fact]
    public void Sums_up_the_histories_that_it_ran()
    {
        CommandRun run = CommandRun.Of("simulate", "faults", "--seeds", "3", "--steps", "3", "--threads", "1");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("3 seeds in ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nfaults: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("\nrecoveries: ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_alone_shows_what_happened_and_happens_again()
    {
        CommandRun run = CommandRun.Of("simulate", "faults", "--seed", "2", "--steps", "3"), again = CommandRun.Of("simulate", "faults", "--seed", "2", "--steps", "3");

        Assert.Contains(" the caller is told that the run ", run.Output, StringComparison.Ordinal);
        Assert.Equal(Events(run), Events(again));
    }

    [Fact]
    public void Histories_have_what_the_command_names()
    {
        CommandRun some = CommandRun.Of("simulate", "faults", "--seeds", "2", "--steps", "2", "--threads", "1", "--with", "copies,leave");
        CommandRun none = CommandRun.Of("simulate", "faults", "--seeds", "2", "--steps", "2", "--threads", "1", "--with", "none");

        Assert.Contains("\nwith: Copies 2, Leave 2\n", some.Output, StringComparison.Ordinal);
        Assert.Contains("\nwith: none\n", none.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--with", "replicas")]
    [InlineData("--processes", "2")]
    [InlineData("--seeds", "0")]
    [InlineData("--seed", "-1")]
    public void A_value_that_cannot_be_is_refused(string option, string value)
    {
        CommandRun run = CommandRun.Of("simulate", "faults", option, value);

        Assert.Equal(2, run.Code);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }

    private static string Events(CommandRun run) => run.Output[..run.Output.IndexOf("1 seeds in ", StringComparison.Ordinal)];
}
