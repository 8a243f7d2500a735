using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Drawing;

public class TimetableTerminalTests
{
    private static readonly SimulatedRun Run = TimetableSimulator.Simulate(
        ScheduleCatalog.Create("dualpipe", new PipelineSize(2, 4)), ActionCosts.Balanced);

    [Fact]
    public void A_line_a_rank_tells_kinds_micro_batches_and_directions()
    {
        var lines = TimetableTerminal.Draw(Run).Split('\n');

        Assert.StartsWith("0 F0--f2--F1--b2------f3&B0-------", lines[0]);
        Assert.StartsWith("1 f2--F0--f3--B0------F1&b2-------", lines[1]);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public void No_line_is_wider_than_asked(int width)
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20)), ActionCosts.Balanced);
        var lines = TimetableTerminal.Draw(run, new TerminalOptions { Width = width }).Split('\n');
        Assert.Equal(8 + 2, lines.Length);
        Assert.All(lines[..8], line => Assert.InRange(line.Length, 10, width));
        Assert.All(lines[..8], line => Assert.Contains('.', line));
    }

    [Fact]
    public void Colour_adds_escapes_and_each_line_ends_without_colour()
    {
        var lines = TimetableTerminal.Draw(Run, new TerminalOptions { Color = true }).Split('\n');
        Assert.All(lines[..2], line => Assert.EndsWith("\e[0m", line));
        Assert.DoesNotContain('\e', TimetableTerminal.Draw(Run));
    }

    [Fact]
    public void Bubble_is_dotted()
    {
        var run = TimetableSimulator.Simulate(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 1)), ActionCosts.Balanced);
        var lines = TimetableTerminal.Draw(run).Split('\n');
        Assert.Equal("0 F0--............B0------", lines[0]);
        Assert.Equal("1 ....F0--B0------........", lines[1]);
    }
}
