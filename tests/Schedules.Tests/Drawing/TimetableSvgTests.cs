using System.Text.RegularExpressions;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Drawing;

public partial class TimetableSvgTests
{
    private static readonly SimulatedRun Run = RunOf("dualpipe", 8, 20, new ActionCosts(1, 1, 1, pair: 2.5));

    /// <summary>Every schedule at 8 ranks, and the interleaved ones with three and four stages a rank.</summary>
    public static TheoryData<string, int, int?> Schedules()
    {
        var data = new TheoryData<string, int, int?>();
        foreach (var schedule in ScheduleCatalog.All)
        {
            data.Add(schedule.Name, schedule.Refuse(new PipelineSize(8, 20)) is null ? 20 : 24, null);
        }

        data.Add("interleaved-1f1b", 8, 3);
        data.Add("interleaved-zero-bubble", 8, 4);
        return data;
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Every_chunk_has_its_box_and_every_pair_its_frame(string schedule, int microBatches, int? stagesPerRank)
    {
        var run = RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank);
        var picture = SvgPicture.Parse(TimetableSvg.Draw(run));
        var actions = run.ToTimedActions();

        Assert.Equal(8, picture.RowCount);
        Assert.Equal(
            ChunksByRank(actions).Order(StringComparer.Ordinal),
            picture.Boxes.Select(box => $"{picture.RankOf(box.Place.Y)} {char.ToUpperInvariant(box.Fill[0])}").Order(StringComparer.Ordinal));
        Assert.Equal(actions.Count(timed => timed.Action.IsPair), picture.Frames.Count);
        Assert.Equal(actions.Count, picture.Tooltips.Count);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Where_there_is_room_every_chunk_has_the_number_of_its_micro_batch(string schedule, int microBatches, int? stagesPerRank)
    {
        var run = RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank);
        var picture = SvgPicture.Parse(TimetableSvg.Draw(run));
        var expected = run.ToTimedActions().SelectMany(timed => Parts(timed.Action).Select(part => $"{timed.Rank} {part.MicroBatch}"));

        var shown = picture.Boxes.Select(box => $"{picture.RankOf(box.Place.Y)} {picture.NumberIn(box.Place, box.IsHalf)}");

        Assert.Equal(expected.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("dualpipe", 16, 120)]
    [InlineData("gpipe", 64, 128)]
    public void With_many_micro_batches_numbers_are_left_out_everywhere(string schedule, int ranks, int microBatches)
    {
        var picture = SvgPicture.Parse(TimetableSvg.Draw(RunOf(schedule, ranks, microBatches, ActionCosts.Balanced)));

        Assert.Empty(picture.Digits);
        Assert.DoesNotContain(picture.Texts, text => text.Text == "number: micro-batch");
        Assert.InRange(picture.Width, 600, 1420);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Directions_and_stages_have_their_colours_and_as_many_bars(string schedule, int microBatches, int? stagesPerRank)
    {
        var run = RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank);
        var picture = SvgPicture.Parse(TimetableSvg.Draw(run));
        var placement = run.Timetable.Placement;
        var perDirection = placement.Stages / placement.Ranks;
        var lanes = run.ToTimedActions().SelectMany(timed => Parts(timed.Action))
            .Select(part => placement.DirectionOf(part.MicroBatch) * perDirection + Place(part, placement)).ToList();

        Assert.Equal(lanes.Order(), picture.Boxes.Select(box => box.Fill[1] - '0').Order());
        Assert.Equal(lanes.Sum(), picture.Bars.Count);

        static int Place(StageAction part, Placement placement)
        {
            var ranks = placement.RanksOfDirection(placement.DirectionOf(part.MicroBatch));
            return ranks.Take(part.Stage).Count(rank => rank == ranks[part.Stage]);
        }
    }

    [Fact]
    public void The_legend_says_which_stages_and_directions_are_told_apart()
    {
        Assert.Contains(">second direction, from rank 7<", TimetableSvg.Draw(Run));
        Assert.Contains(">second stage of a rank (8 to 15)<", TimetableSvg.Draw(RunOf("zbv", 8, 20, ActionCosts.Balanced)));
        var four = TimetableSvg.Draw(RunOf("interleaved-1f1b", 2, 4, ActionCosts.Balanced, 4));
        Assert.Contains(">first stage of a rank (0 to 1)<", four);
        Assert.Contains(">fourth stage of a rank (6 to 7)<", four);
        var six = TimetableSvg.Draw(RunOf("interleaved-1f1b", 2, 4, ActionCosts.Balanced, 6));
        Assert.Contains(">first stage of a rank (0 to 1), and each fourth after it<", six);
        Assert.DoesNotContain("stage of a rank", TimetableSvg.Draw(RunOf("1f1b", 8, 20, ActionCosts.Balanced)));
    }

    [Fact]
    public void The_legend_shows_only_what_occurs()
    {
        var plain = TimetableSvg.Draw(RunOf("1f1b", 2, 2, ActionCosts.Balanced));
        Assert.Contains(">B full backward<", plain);
        Assert.DoesNotContain("overlapped<", plain);
        Assert.DoesNotContain(">I backward for input<", plain);
        Assert.Contains(">F&amp;B overlapped<", TimetableSvg.Draw(Run));
        Assert.Contains(">I backward for input<", TimetableSvg.Draw(Run));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void No_text_runs_into_another(string schedule, int microBatches, int? stagesPerRank)
    {
        var picture = SvgPicture.Parse(TimetableSvg.Draw(RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank)));
        foreach (var line in picture.Texts.Where(text => text.Style == "ink").GroupBy(text => text.Y))
        {
            var entries = line.OrderBy(text => text.X).ToList();
            for (var i = 0; i + 1 < entries.Count; i++)
            {
                Assert.InRange(entries[i].X + entries[i].Text.Length * 5.8, 0, entries[i + 1].X - 14);
            }
        }

        foreach (var (_, x, _, digits) in picture.Digits)
        {
            Assert.InRange(x, 84, picture.Width - 52);
            Assert.InRange(digits.Length, 1, 2);
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Boxes_stay_inside_the_picture_and_do_not_cover_each_other(string schedule, int microBatches, int? stagesPerRank)
    {
        var picture = SvgPicture.Parse(TimetableSvg.Draw(RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank)));
        foreach (var row in picture.Boxes.Select(box => box.Place).GroupBy(place => place.Y))
        {
            var right = 84.0;
            foreach (var place in row.OrderBy(place => place.X))
            {
                Assert.InRange(place.X, right, picture.Width);
                right = place.X + place.Width;
            }

            Assert.InRange(right, 84, picture.Width - 52);
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_picture_for_a_page_has_a_sane_size(string schedule, int microBatches, int? stagesPerRank)
    {
        var run = RunOf(schedule, 8, microBatches, ActionCosts.Balanced, stagesPerRank);
        var svg = TimetableSvg.Draw(run, new SvgOptions { Tooltips = false });

        Assert.InRange(SvgPicture.Parse(svg).Width, 600, 1420);
        Assert.InRange(svg.Length, 1, stagesPerRank is null ? 60_000 : 75_000);
    }

    [Fact]
    public void Numbers_can_be_read_on_their_fills_and_texts_on_the_page_in_light_and_dark()
    {
        var css = SvgPicture.Parse(TimetableSvg.Draw(RunOf("interleaved-zero-bubble", 2, 4, ActionCosts.Balanced, 4))).Css
            + SvgPicture.Parse(TimetableSvg.Draw(RunOf("interleaved-1f1b", 2, 4, ActionCosts.Balanced, 4))).Css;
        var fills = Fill().Matches(css).Select(fill => (Kind: fill.Groups[1].Value[0], Color: fill.Groups[2].Value)).Distinct().ToList();

        Assert.Equal(16, fills.Count);
        Assert.All(fills, fill => Assert.InRange(Contrast.Of(fill.Color, fill.Kind == 'b' ? "#fff" : "#10202f"), 4.5, 21));
        Assert.Contains("text.d{fill:#10202f}text.l{fill:#fff}", css);
        var (light, dark) = (css[..css.IndexOf('@')], css[css.IndexOf('@')..]);
        foreach (var scheme in new[] { light, dark })
        {
            Assert.InRange(Contrast.Of(ColorOf(scheme, ".ink{fill:"), ColorOf(scheme, ".page{fill:")), 4.5, 21);
            Assert.InRange(Contrast.Of(ColorOf(scheme, ".sub{fill:"), ColorOf(scheme, ".page{fill:")), 4.5, 21);
            Assert.InRange(Contrast.Of(ColorOf(scheme, ".axis{stroke:"), ColorOf(scheme, ".page{fill:")), 3, 21);
        }

        static string ColorOf(string css, string rule) => Regex.Match(css, Regex.Escape(rule) + "(#[0-9a-f]+)").Groups[1].Value;
    }

    [Fact]
    public void The_picture_has_no_script_and_follows_the_colour_scheme()
    {
        var text = TimetableSvg.Draw(Run);
        Assert.DoesNotContain("script", text);
        Assert.Contains("@media (prefers-color-scheme:dark)", text);
    }

    [Fact]
    public void Heading_bubble_and_stages_of_each_rank_are_told()
    {
        var picture = SvgPicture.Parse(TimetableSvg.Draw(RunOf("zbv", 8, 20, new ActionCosts(1, 1, 0.5))));
        var texts = picture.Texts.Select(text => text.Text).ToList();

        Assert.Equal("zbv: 8 ranks, 20 micro-batches", picture.Title);
        Assert.Contains("step time 107, bubble 6.5%; F 1, I 1, W 0.5", texts);
        Assert.Contains("stages 3, 12", texts);
        Assert.Equal(8, texts.Count(text => text == "6.5%"));
        var measured = TimetableSvg.Draw(Run, new SvgOptions { TimeUnit = "ms" });
        Assert.Contains("ms, bubble", measured);
        Assert.Contains("F&amp;B 2.5", measured);
    }

    [Theory]
    [InlineData(60, "a title of many short words ")]
    [InlineData(600, "W")]
    [InlineData(300, "\u6728")]
    public void A_long_heading_is_broken_into_lines_inside_the_picture_and_moves_the_rest_down(int repeats, string words)
    {
        var title = string.Concat(Enumerable.Repeat(words, repeats)).Trim();
        var plain = SvgPicture.Parse(TimetableSvg.Draw(Run));
        var picture = SvgPicture.Parse(TimetableSvg.Draw(Run, new SvgOptions { Title = title, Subtitle = title }));

        Assert.Equal(title, picture.Title);
        foreach (var (style, size, kept) in (ReadOnlySpan<(string, int, string)>)[("ink head", 16, title), ("sub", 11, title)])
        {
            var lines = picture.Texts.Where(text => text.Style == style && text.Y < picture.LegendY).ToList();
            Assert.InRange(lines.Count, 2, 60);
            Assert.Equal(kept.Replace(" ", ""), string.Concat(lines.Select(line => line.Text)).Replace(" ", ""));
            Assert.All(lines, line => Assert.InRange(line.X + size * WidthOf(line.Text), line.X, picture.Width));
        }

        Assert.True(picture.LegendY > plain.LegendY);
        Assert.Equal(plain.Boxes.Count, picture.Boxes.Count);

        // Of Arial Bold in shares of its size: W is its widest letter; words of small letters are at most 0.611 a letter.
        static double WidthOf(string text) => text.Sum(letter => letter == 'W' ? 0.944 : letter > 0x7f ? 1 : 0.611);
    }

    [Fact]
    public void Measured_times_are_drawn_from_the_earliest_start_with_their_unit()
    {
        var placement = Placement.Straight(2, 1);
        TimedAction[] measured = [new(1, StageAction.Forward(1, 0), 1007.5, 1012.5), new(0, StageAction.Forward(0, 0), 1000, 1005)];
        var text = TimetableSvg.Draw(measured, placement, new SvgOptions { Title = "a < b & \u0001\"c\"", TimeUnit = "ms" });
        var picture = SvgPicture.Parse(text);

        Assert.Equal("a < b & ?\"c\"", picture.Title);
        Assert.Contains("time [ms]", text);
        Assert.Contains("1F0 rank 1: 7.5 to 12.5", picture.Tooltips);
    }

    [Fact]
    public void No_action_and_no_duration_still_make_a_picture()
    {
        Assert.Empty(SvgPicture.Parse(TimetableSvg.Draw([], Placement.Straight(2, 1))).Boxes);
        TimedAction[] instant = [new(0, StageAction.Forward(0, 0), 5, 5)];
        Assert.Single(SvgPicture.Parse(TimetableSvg.Draw(instant, Placement.Straight(2, 1))).Boxes);
    }

    [Theory]
    [InlineData(2, 0, 0, 0, 1, "0F0 stands on rank 2, but ranks go from 0 to 1")]
    [InlineData(0, 0, 0, 2, 1, "0F0 of rank 0 goes from 2 to 1: times are finite and the end is not before the start")]
    [InlineData(0, 0, 0, 0, double.NaN, "0F0 of rank 0 goes from 0 to NaN: times are finite and the end is not before the start")]
    [InlineData(0, 0, 1, 0, 1, "0F1 of rank 0 names a micro-batch beyond the placement's last, 0")]
    [InlineData(0, 2, 0, 0, 1, "2F0 of rank 0 names a stage beyond the placement's last, 1")]
    public void An_impossible_action_is_refused_by_name(int rank, int stage, int microBatch, double start, double end, string message)
    {
        TimedAction[] actions = [new(rank, StageAction.Forward(stage, microBatch), start, end)];
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => TimetableSvg.Draw(actions, Placement.Straight(2, 1))).Message);
    }

    private static SimulatedRun RunOf(string schedule, int ranks, int microBatches, ActionCosts costs, int? stagesPerRank = null)
        => TimetableSimulator.Simulate(ScheduleCatalog.Create(schedule, new PipelineSize(ranks, microBatches, stagesPerRank)), costs);

    private static StageAction[] Parts(StageAction action) => action.IsPair ? [action.ForwardPart, action.BackwardPart] : [action];

    private static IEnumerable<string> ChunksByRank(IReadOnlyList<TimedAction> actions)
        => actions.SelectMany(timed => Parts(timed.Action).Select(part => $"{timed.Rank} {StageActionText.LetterOf(part.Kind)}"));

    [GeneratedRegex(@"\.([fiwb]\d)\{stroke:(#[0-9a-f]{6})\}")]
    private static partial Regex Fill();
}
