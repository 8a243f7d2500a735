using System.Text.RegularExpressions;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Drawing;

public partial class TimetableTerminalTests
{
    private static readonly SimulatedRun Run = RunOf("dualpipe", 2, 4);

    [Fact]
    public void A_line_a_rank_tells_kinds_micro_batches_and_directions()
    {
        var lines = TimetableTerminal.Draw(Run).Split('\n');

        Assert.StartsWith("0 F0--f2==F1--b2======f3&B0-------", lines[0]);
        Assert.StartsWith("1 f2==F0--f3==B0------F1&b2=======", lines[1]);
        Assert.Contains("F- first direction, from rank 0", lines[^2]);
        Assert.Contains("f= second direction, from rank 1", lines[^2]);
    }

    [Fact]
    public void The_stages_of_a_rank_have_marks_that_the_key_names()
    {
        var text = TimetableTerminal.Draw(RunOf("interleaved-1f1b", 1, 1, stagesPerRank: 4), new TerminalOptions { Width = 60 });

        Assert.Equal(
            """
            0 F0--f0==F0~~f0++b0++++++B0~~~~~~b0======B0------
            F forward, B full backward, . bubble,
            F- first stage of a rank (0 to 0),
            f= second stage of a rank (1 to 1),
            F~ third stage of a rank (2 to 2),
            f+ fourth stage of a rank (3 to 3)

            """.ReplaceLineEndings("\n"),
            text);
    }

    [Theory]
    [InlineData("dualpipe", 40)]
    [InlineData("dualpipe", 80)]
    [InlineData("zbv", 80)]
    [InlineData("interleaved-zero-bubble", 80)]
    [InlineData("interleaved-zero-bubble", 200)]
    public void No_line_is_wider_than_asked_and_no_action_is_left_out(string schedule, int width)
    {
        var run = RunOf(schedule, 8, 20);
        var text = TimetableTerminal.Draw(run, new TerminalOptions { Width = width });
        var lines = text.Split('\n');

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        for (var rank = 0; rank < 8; rank++)
        {
            var row = string.Concat(lines.Where(line => line.StartsWith($"{rank} ", StringComparison.Ordinal)).Select(line => line[2..]));
            Assert.Equal(run.Timetable.ActionsOf(rank).Length, DrawnAction().Count(row));
        }
    }

    [Fact]
    public void A_line_too_short_goes_on_below_and_both_parts_together_are_the_line()
    {
        var run = RunOf("1f1b", 8, 20);
        var narrow = TimetableTerminal.Draw(run, new TerminalOptions { Width = 80 }).Split('\n');
        var wide = TimetableTerminal.Draw(run, new TerminalOptions { Width = 2 + 2 * 78 }).Split('\n');

        for (var rank = 0; rank < 8; rank++)
        {
            Assert.Equal(wide[rank][2..], narrow[rank][2..] + narrow[rank + 9][2..]);
        }

        Assert.Equal("", narrow[8]);
    }

    [Fact]
    public void What_would_go_on_too_long_is_drawn_coarsely_in_one_part()
    {
        var lines = TimetableTerminal.Draw(RunOf("gpipe", 16, 1000), new TerminalOptions { Width = 80 }).Split('\n');
        Assert.Equal(16 + 2, lines.Length);
        Assert.All(lines[..16], line => Assert.Equal(80, line.Length));
    }

    [Fact]
    public void Colour_adds_escapes_each_line_ends_without_colour_and_without_it_the_same_letters_stand_there()
    {
        var colored = TimetableTerminal.Draw(Run, new TerminalOptions { Color = true });
        Assert.All(colored.Split('\n')[..2], line => Assert.EndsWith("\e[0m", line));

        var plain = TimetableTerminal.Draw(Run);
        Assert.DoesNotContain('\e', plain);
        var uncolored = Escape().Replace(colored, "");
        Assert.Equal(plain.Split('\n')[0].Replace('-', ' '), uncolored.Split('\n')[0]);
        Assert.Equal(plain.Split('\n')[^2], uncolored.Split('\n')[^2]);
    }

    [Fact]
    public void Letters_can_be_read_on_their_colours()
    {
        ActionKind[] kinds = [ActionKind.Forward, ActionKind.BackwardInput, ActionKind.BackwardWeights, ActionKind.Backward];
        foreach (var kind in kinds)
        {
            for (var lane = 0; lane < DrawingLanes.Most; lane++)
            {
                var color = TerminalColor.Of(kind, lane);
                Assert.InRange(Contrast.OfTerminal(color.Background, color.Foreground), 4.5, 21);
            }
        }
    }

    [Fact]
    public void Bubble_is_dotted()
    {
        var lines = TimetableTerminal.Draw(RunOf("1f1b", 2, 1)).Split('\n');
        Assert.Equal("0 F0--............B0------", lines[0]);
        Assert.Equal("1 ....F0--B0------........", lines[1]);
    }

    [GeneratedRegex(@"[Ff]\d*&[Bb]|[FIWBfiwb]|&")]
    private static partial Regex DrawnAction();

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Escape();

    private static SimulatedRun RunOf(string schedule, int ranks, int microBatches, int? stagesPerRank = null)
        => TimetableSimulator.Simulate(
            ScheduleCatalog.Create(schedule, new PipelineSize(ranks, microBatches, stagesPerRank)), ActionCosts.Balanced);
}
