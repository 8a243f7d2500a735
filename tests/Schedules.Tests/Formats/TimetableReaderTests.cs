using System.Text;
using Actors.Schedules.Checking;
using Actors.Schedules.Communication;
using Actors.Schedules.Formats;
using Actors.Schedules.Tests.Communication;
using Actors.Schedules.Tests.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Formats;

public class TimetableReaderTests
{
    private static readonly Gen<Timetable> Any = Gen.OneOf(CommunicationTimetables.Computations, CommunicationTimetables.All);

    [Fact]
    public void Each_form_of_a_catalog_timetable_is_recognised_and_read_back_whole()
        => Prop.ForAll(
            Gen.OneOf(ActionGenerators.Timetable, ActionGenerators.Timetable.Select(CommunicationPass.Add)).ToArbitrary(), timetable =>
            {
                foreach (var text in FormsOf(timetable))
                {
                    Assert.True(TimetableReader.Parse(text, "mine").HasSameActionsAs(timetable));
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_form_of_a_timetable_made_by_hand_is_read_back_with_the_same_lists()
        => Prop.ForAll(
            Gen.OneOf(RandomTimetables.Timetable, RandomTimetables.Timetable.Select(CommunicationPass.Add)).ToArbitrary(), timetable =>
            {
                Assert.True(TimetableReader.Parse(TimetableJson.Write(timetable), "mine").HasSameActionsAs(timetable));
                foreach (var text in FormsOf(timetable))
                {
                    var read = TimetableReader.Parse(text, "mine");
                    Assert.Equal(timetable.Ranks, read.Ranks);
                    for (var rank = 0; rank < timetable.Ranks; rank++)
                    {
                        Assert.Equal(timetable.ActionsOf(rank).ToArray(), read.ActionsOf(rank).ToArray());
                    }
                }
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void Lists_that_cannot_be_played_are_read_back_from_text_and_json()
        => Prop.ForAll(Any.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (timetable, seed) =>
        {
            var shuffled = CommunicationTimetables.Edit(timetable, seed % timetable.Ranks, list =>
            {
                var actions = list.ToArray();
                new System.Random(seed).Shuffle(actions);
                return [.. actions];
            });

            Assert.True(TimetableReader.Parse(TimetableJson.Write(shuffled), "mine").HasSameActionsAs(shuffled));
            var text = TimetableText.Write(shuffled);
            Assert.Equal(text.Split('\n')[1..], TimetableText.Write(TimetableReader.Parse(text, "mine")).Split('\n')[1..]);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("0F0,,0B0\n,1F0,1B0\n")]
    [InlineData("\"0F0\"\n\"\"\n0B0\n")]
    [InlineData("0F0 , 0B0\r\n")]
    public void What_has_commas_or_quotes_is_csv(string text) => Assert.Equal("mine", TimetableReader.Parse(text, "mine").Schedule);

    [Theory]
    [InlineData("# a comment, with commas and \"quotes\"\n0F0 0B0\n")]
    [InlineData("0F0\n1F0\n")]
    [InlineData("  0F0\t0B0")]
    public void What_has_no_commas_outside_comments_is_text(string text)
        => Assert.Equal(StageAction.Forward(0, 0), TimetableReader.Parse(text, "mine").ActionsOf(0)[0]);

    [Theory]
    [InlineData("\uFEFF{")]
    [InlineData(" \r\n{")]
    [InlineData("[]")]
    public void What_begins_with_a_brace_or_a_bracket_is_json(string text)
        => Assert.Contains("JSON|must be an object".Split('|'), part => Refusal(text).Contains(part, StringComparison.Ordinal));

    [Fact]
    public void Json_after_a_byte_order_mark_is_read()
    {
        var timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(2, 4));
        Assert.True(TimetableReader.Parse("\uFEFF" + TimetableJson.Write(timetable), "mine").HasSameActionsAs(timetable));
    }

    [Fact]
    public void Csv_with_communication_has_no_empty_cells()
        => Assert.Equal(
            "0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0\n",
            TimetableCsv.Write(CommunicationPass.Add(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 1)))));

    [Fact]
    public void A_rank_without_actions_has_a_mark()
    {
        var timetable = TimetableReader.Parse("0F0 0B0\n-\n-\n", "mine");
        Assert.Equal((3, "0F0,0B0\n\"\"\n\"\"\n"), (timetable.Ranks, TimetableCsv.Write(timetable)));
        Assert.True(TimetableCsv.Parse(TimetableCsv.Write(timetable)).HasSameActionsAs(timetable));
        Assert.True(TimetableText.Parse(TimetableText.Write(timetable)).HasSameActionsAs(timetable));
        Assert.Equal(3, TimetableReader.Parse("0F0,0B0\n,\n,\n", "mine").Ranks);
    }

    [Theory]
    [InlineData("0F0,0B0\n\n\n")]
    [InlineData("\uFEFF0F0,0B0\r\n\r\n \t\r\n")]
    [InlineData("0F0 0B0\n\n  \n# the end\n\n")]
    public void Empty_lines_at_the_end_are_no_ranks(string text) => Assert.Equal(1, TimetableReader.Parse(text, "mine").Ranks);

    [Theory]
    [InlineData("0F0,0B0\n\n1F0,1B0\n", "write \"\" for a rank without actions")]
    [InlineData("0F0 0B0\n\n1F0 1B0\n", "write - for a rank without actions")]
    public void An_empty_line_between_ranks_is_refused(string text, string reason)
        => Assert.Contains($"the line is empty, and rows follow: delete it, or {reason}", Refusal(text));

    [Fact]
    public void Parameter_gathers_and_gradient_reductions_of_PyTorch_are_left_out()
    {
        var timetable = TimetableReader.Parse(
            "0UNSHARD,0F0,0SEND_F0,0RECV_B0,0B0,0REDUCE_GRAD,0RESHARD\r\n"
            + "1UNSHARD,1RECV_F0,1F0,1B0,1SEND_B0,1REDUCE_GRAD,1RESHARD\r\n", "mine");
        Assert.True(timetable.HasSameActionsAs(CommunicationPass.Add(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 1)))));
        Assert.Contains("'REDUCE_GRAD' is not an action", Refusal("0F0,REDUCE_GRAD"));
        Assert.Contains("'0F0RESHARD' is not an action", Refusal("0F0RESHARD,"));
    }

    [Fact]
    public void Sends_and_receives_beyond_the_last_stage_are_for_the_checker()
    {
        var timetable = TimetableReader.Parse("0F0 0B0 7SEND_F900000000", "mine");
        Assert.Equal((1, 1), (timetable.Stages, timetable.MicroBatches));
        Assert.Equal(ScheduleRule.InRange, Assert.Single(TimetableChecker.Check(timetable).Violations).Rule);
        Assert.Contains("there is no action that computes", Refusal("0SEND_F0 1RECV_F0"));
    }

    [Fact]
    public void A_name_with_line_breaks_stays_within_the_comment()
    {
        var plain = ScheduleCatalog.Create("1f1b", new PipelineSize(2, 2));
        var named = new Timetable("mine\n9F9", plain.Placement, [plain.ActionsOf(0), plain.ActionsOf(1)]);
        Assert.True(TimetableText.Parse(TimetableText.Write(named)).HasSameActionsAs(plain));
    }

    [Theory]
    [InlineData("{\"schedule\":\"\\ud800\"", "")]
    [InlineData("{\"schedule\":\"x\ud800\"}", "")]
    [InlineData("{\"sched\\ud800ule\":1}", "half of a character")]
    [InlineData("{\"ranks\":1,\"stages\":100000,\"x\":[", "line 1 column")]
    public void Broken_characters_in_json_are_refused(string json, string problem) => Assert.Contains(problem, Refusal(json));

    [Fact]
    public void Json_that_is_far_larger_than_its_actions_is_refused()
    {
        var zeros = string.Join(',', new int[70000]);
        var json = $$"""
            {"schedule":"x","forwardOnly":false,"ranks":1,"stages":70000,"microBatches":70000,
            "rankOfStage":[[{{zeros}}]],"directionOfMicroBatch":[{{zeros}}],"actions":[["0F0"]]}
            """;
        Assert.StartsWith("$ 70000 stages x 70000 micro-batches cannot be played by 1 actions", Refusal(json));
    }

    [Fact]
    public void Garbled_text_is_read_and_checked_or_refused_with_its_place_and_nothing_else_happens()
    {
        var (read, refused) = (0, 0);
        Prop.ForAll(Any.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (timetable, seed) =>
        {
            var random = new System.Random(seed);
            var forms = FormsOf(timetable);
            var text = Garble(forms[random.Next(forms.Length)], random);
            try
            {
                var garbled = TimetableReader.Parse(text, "garbled");
                TimetableChecker.Check(garbled, random.Next(3));
                read++;
            }
            catch (TimetableFormatException error)
            {
                AssertSaysWhere(error, text);
                refused++;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));
        Assert.True(read > 60 && refused > 60, $"{read} read, {refused} refused");
    }

    private static void AssertSaysWhere(TimetableFormatException error, string text)
    {
        Assert.DoesNotContain('\n', error.Message);
        Assert.InRange(error.Message.Length, 10, 400);
        if (error.Line > 0)
        {
            var lines = text.Split('\n');
            Assert.InRange(error.Line, 1, lines.Length);
            Assert.InRange(error.Column, 1, Encoding.UTF8.GetByteCount(lines[error.Line - 1]) + 1);
        }
        else
        {
            Assert.True(
                error.Message.StartsWith('$') || error.Message.StartsWith("there is no action", StringComparison.Ordinal)
                || error.Message.Contains("half of a character", StringComparison.Ordinal), error.Message);
        }
    }

    private static string Garble(string text, System.Random random)
    {
        const string Pieces = "0123456789FIWB(;),,,\"\"  \t\r\n\n#{}[]:_SENDRECVx\0\u00e9\ud800\uFEFF";
        var garbled = new StringBuilder(text);
        for (var edits = random.Next(1, 4); edits > 0 && garbled.Length > 0; edits--)
        {
            var at = random.Next(garbled.Length);
            switch (random.Next(6))
            {
                case 0:
                    garbled.Length = at;
                    break;
                case 1:
                    garbled.Remove(at, Math.Min(random.Next(1, 9), garbled.Length - at));
                    break;
                case 2:
                    garbled[at] = Pieces[random.Next(Pieces.Length)];
                    break;
                case 3:
                    garbled.Insert(at, garbled.ToString(at, Math.Min(random.Next(1, 40), garbled.Length - at)));
                    break;
                case 4:
                    garbled.Insert(at, random.Next(2) == 0 ? "99999999999" : "1000000");
                    break;
                default:
                    garbled.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        return garbled.ToString();
    }

    private static string Refusal(string text) => Assert.Throws<TimetableFormatException>(() => TimetableReader.Parse(text, "mine")).Message;

    private static string[] FormsOf(Timetable timetable)
        => [TimetableCsv.Write(timetable), TimetableText.Write(timetable), TimetableJson.Write(timetable)];
}
