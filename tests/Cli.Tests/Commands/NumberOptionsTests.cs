namespace Actors.Cli.Tests.Commands;

public sealed class NumberOptionsTests
{
    [Theory]
    [InlineData("train --steps")]
    [InlineData("infer --model . --prompt x --max-tokens")]
    [InlineData("infer --model . --prompt x --temperature")]
    [InlineData("infer --model . --prompt x --top-p")]
    [InlineData("infer --model . --prompt x --seed")]
    [InlineData("schedule zbv --micro-batches 8 --ranks")]
    [InlineData("schedule zbv --ranks 4 --micro-batches")]
    [InlineData("schedule interleaved-1f1b --ranks 4 --micro-batches 8 --stages-per-rank")]
    [InlineData("schedule zbv --ranks 4 --micro-batches 8 --latency 1,2 --ranks-per-node")]
    [InlineData("schedule zbv --ranks 4 --micro-batches 8 --costs 30%,40%,30% --chunk-time")]
    [InlineData("schedule zb-search --ranks 4 --micro-batches 8 --memory")]
    [InlineData("schedule compare --ranks 4 --micro-batches")]
    [InlineData("schedule best --ranks 4 --micro-batches 8 --parameters")]
    [InlineData("schedule check FILE --buffered")]
    public async Task Every_number_of_every_command_is_read_so(string command)
    {
        foreach (string number in (string[])["0,8", "1,000", "0x10", "NaN", "Infinity", "1e999", "", " 1", "1 "])
        {
            CommandRun run = await CommandRun.With(new FakeRuns(), [.. command.Split(' '), number]);

            Assert.True((2, "") == (run.Code, run.Output), $"'{number}' gives {run.Code}: {run.Error}");
            Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        }
    }
}
