using System.Xml.Linq;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Drawing;

public class TimetableSvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly SimulatedRun Run = TimetableSimulator.Simulate(
        ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20)), new ActionCosts(1, 1, 1, pair: 2.5));

    [Fact]
    public void Every_action_is_drawn_with_its_micro_batch_and_every_pair_in_one_frame()
    {
        var picture = XDocument.Parse(TimetableSvg.Draw(Run));
        var pairs = Run.ToTimedActions().Count(timed => timed.Action.IsPair);
        var groups = picture.Root!.Elements(Svg + "g").ToList();

        Assert.Equal(Run.Timetable.ActionCount, groups.Count);
        Assert.Equal(pairs, groups.Count(group => group.Elements(Svg + "rect").Any(rect => Class(rect) == "frame")));
        Assert.Equal(Run.Timetable.ActionCount + pairs, groups.Sum(group => group.Elements(Svg + "text").Count()));
        Assert.Equal(8, picture.Root.Elements(Svg + "rect").Count(rect => Class(rect) == "idle" && (int)rect.Attribute("height")! == 28));
    }

    [Fact]
    public void The_two_directions_have_different_colours()
    {
        var picture = XDocument.Parse(TimetableSvg.Draw(Run));

        Assert.Equal("box f0", ClassOf("0F0 rank 0:"));
        Assert.Equal("box f1", ClassOf("0F10 rank 7:"));

        string ClassOf(string tooltip)
            => Class(picture.Root!.Elements(Svg + "g")
                .Single(group => group.Element(Svg + "title")!.Value.StartsWith(tooltip, StringComparison.Ordinal))
                .Element(Svg + "rect")!);
    }

    [Fact]
    public void The_picture_has_no_script_and_follows_the_colour_scheme()
    {
        var text = TimetableSvg.Draw(Run);
        Assert.DoesNotContain("script", text);
        Assert.Contains("@media (prefers-color-scheme:dark)", text);
    }

    [Fact]
    public void The_legend_shows_only_what_occurs()
    {
        var timetable = ScheduleCatalog.Create("1f1b", new PipelineSize(2, 2));
        var plain = TimetableSvg.Draw(TimetableSimulator.Simulate(timetable, ActionCosts.Balanced));
        Assert.Contains(">full backward<", plain);
        Assert.DoesNotContain(">overlapped<", plain);
        Assert.DoesNotContain(">backward for input<", plain);
        Assert.Contains(">overlapped<", TimetableSvg.Draw(Run));
        Assert.Contains(">backward for input<", TimetableSvg.Draw(Run));
    }

    [Fact]
    public void Boxes_stay_inside_their_row_and_the_picture()
    {
        var picture = XDocument.Parse(TimetableSvg.Draw(Run));
        var width = (double)picture.Root!.Attribute("width")!;
        foreach (var rect in picture.Root.Elements(Svg + "g").Elements(Svg + "rect"))
        {
            Assert.InRange((double)rect.Attribute("x")!, 0, width);
            Assert.InRange((double)rect.Attribute("x")! + (double)rect.Attribute("width")!, 0, width);
        }
    }

    [Fact]
    public void Measured_times_are_drawn_from_the_earliest_start_with_their_unit()
    {
        var placement = Placement.Straight(2, 1);
        TimedAction[] measured = [new(1, StageAction.Forward(1, 0), 1007.5, 1012.5), new(0, StageAction.Forward(0, 0), 1000, 1005)];
        var text = TimetableSvg.Draw(measured, placement, new SvgOptions { Title = "a < b & \u0001\"c\"", TimeUnit = "ms" });
        var picture = XDocument.Parse(text);

        Assert.Equal("a < b & ?\"c\"", picture.Root!.Element(Svg + "title")!.Value);
        Assert.Contains("time [ms]", text);
        Assert.Contains("1F0 rank 1: 7.5 to 12.5", text);
    }

    [Fact]
    public void No_action_and_no_duration_still_make_a_picture()
    {
        Assert.NotNull(XDocument.Parse(TimetableSvg.Draw([], Placement.Straight(2, 1))).Root);
        Assert.NotNull(XDocument.Parse(TimetableSvg.Draw([new(0, StageAction.Forward(0, 0), 5, 5)], Placement.Straight(2, 1))).Root);
    }

    [Theory]
    [InlineData(2, 0, 0, 1, "0F0 stands on rank 2, but ranks go from 0 to 1")]
    [InlineData(0, 0, 2, 1, "0F0 of rank 0 goes from 2 to 1: times are finite and the end is not before the start")]
    [InlineData(0, 0, 0, double.NaN, "0F0 of rank 0 goes from 0 to NaN: times are finite and the end is not before the start")]
    [InlineData(0, 1, 0, 1, "0F1 of rank 0 names a micro-batch beyond the placement's last, 0")]
    public void An_impossible_action_is_refused_by_name(int rank, int microBatch, double start, double end, string message)
    {
        TimedAction[] actions = [new(rank, StageAction.Forward(0, microBatch), start, end)];
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => TimetableSvg.Draw(actions, Placement.Straight(2, 1))).Message);
    }

    private static string Class(XElement element) => (string)element.Attribute("class")!;
}
