namespace Actors.Cli.Tests;

public sealed class InterruptionTests
{
    [Fact]
    public void The_first_request_asks_for_a_stop_and_the_second_ends_the_process()
    {
        using var error = new StringWriter { NewLine = "\n" };
        using var interruption = new Interruption(error);
        Assert.False(interruption.Token.IsCancellationRequested);

        Assert.True(interruption.Request());
        Assert.True(interruption.Token.IsCancellationRequested);
        Assert.False(interruption.Request());

        Assert.Equal("actors: stopping in good order; once more to end at once\n", error.ToString());
    }

    [Fact]
    public void A_terminal_that_goes_away_asks_for_a_stop_and_never_ends_the_process()
    {
        using var interruption = new Interruption(new GoneTerminal());

        interruption.HangUp();
        interruption.HangUp();

        Assert.True(interruption.Token.IsCancellationRequested);
        Assert.False(interruption.Request());
    }

    private sealed class GoneTerminal : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("Input/output error");
    }
}
