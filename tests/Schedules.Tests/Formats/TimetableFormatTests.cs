using Actors.Schedules.Checking;
using Actors.Schedules.Formats;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Formats;

public class TimetableFormatTests
{
    [Fact]
    public void Csv_has_a_row_a_rank_and_an_empty_cell_where_a_rank_waits()
    {
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 2));
        Assert.Equal("0F0,0F1,,0B0,,0B1\n,1F0,1B0,1F1,1B1\n", TimetableCsv.Write(timetable));
    }

    [Fact]
    public void Text_has_a_line_a_rank_after_a_comment()
    {
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 2));
        Assert.Equal("# 1f1b: 2 ranks, 2 stages, 2 micro-batches\n0F0 0F1 0B0 0B1\n1F0 1B0 1F1 1B1\n", TimetableText.Write(timetable));
    }

    [Fact]
    public void Json_states_the_placement()
    {
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 1));
        var expected = """
            {"schedule":"1f1b","forwardOnly":false,"ranks":2,"stages":2,"microBatches":1,
            "rankOfStage":[[0,1]],"directionOfMicroBatch":[0],"actions":[["0F0","0B0"],["1F0","1B0"]]}
            """.Replace("\n", "");
        Assert.Equal(expected, TimetableJson.Write(timetable));
    }

    [Fact]
    public void Csv_and_back_is_the_same_timetable() => RoundTrip(timetable => TimetableCsv.Parse(TimetableCsv.Write(timetable)));

    [Fact]
    public void Text_and_back_is_the_same_timetable() => RoundTrip(timetable => TimetableText.Parse(TimetableText.Write(timetable)));

    [Fact]
    public void Json_and_back_is_the_same_timetable_with_its_name()
    {
        RoundTrip(timetable => TimetableJson.Parse(TimetableJson.Write(timetable)));
        var timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(2, 4));
        Assert.Equal("dualpipe", TimetableJson.Parse(TimetableJson.Write(timetable)).Schedule);
    }

    [Fact]
    public void A_file_of_PyTorch_is_read_with_its_line_ends_quotes_and_gradient_reductions()
    {
        var timetable = TimetableCsv.Parse("\uFEFF0F0,0F1,,,\"0B0\",0B1,0REDUCE_GRAD\r\n,1F0, 1B0 ,1F1,1B1,1REDUCE_GRAD\r\n");
        Assert.True(timetable.HasSameActionsAs(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 2))));
    }

    [Fact]
    public void A_V_shaped_placement_is_found_from_the_actions()
    {
        var placement = TimetableText.Parse("0F0 3F0 3B0 0B0\n1F0 2F0 2B0 1B0").Placement;
        Assert.Equal<int>([0, 1, 1, 0], placement.RanksOfDirection(0));
    }

    [Fact]
    public void An_action_on_the_wrong_rank_does_not_become_a_placement_of_its_own()
    {
        var csv = TimetableCsv.Write(ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20))).Replace("5F11", "4F11");
        var timetable = TimetableCsv.Parse(csv);
        var lines = TimetableChecker.Check(timetable).Violations.Select(violation => violation.ToString());

        Assert.Equal(2, timetable.Placement.Directions);
        Assert.Contains(lines, line => line.Contains("4F11 happens already at", StringComparison.Ordinal)
            || line.Contains("4F11 belongs to rank 3", StringComparison.Ordinal));
        Assert.Contains("rank 2: 5F11 is missing [Complete]", lines);
    }

    [Theory]
    [InlineData("0F0,0F1\n,1F0,1F", 2, 6, "rank 1: '1F' is not an action")]
    [InlineData("0F0;0B0\n", 1, 1, "'0F0;0B0' is not an action")]
    [InlineData("0F0,(0F1;0B0)OVERL", 1, 5, "'(0F1;0B0)OVERL' is not an action")]
    [InlineData("0F0,1000000F0\n", 1, 5, "stage 1000000 is too high for a timetable of 2 actions")]
    [InlineData("0F0,0F999999\n", 1, 5, "micro-batch 999999 is too high")]
    [InlineData("", 0, 0, "there is no action")]
    [InlineData(",,\n,\n", 0, 0, "there is no action")]
    public void Torn_csv_is_refused_with_line_column_and_text(string csv, int line, int column, string problem)
    {
        var error = Assert.Throws<TimetableFormatException>(() => TimetableCsv.Parse(csv));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(problem, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Torn_text_is_refused_with_line_column_and_text()
    {
        var error = Assert.Throws<TimetableFormatException>(() => TimetableText.Parse("# mine\n0F0  0F1\n1F0 1Q1\n"));
        Assert.StartsWith("line 3 column 5: rank 1: '1Q1' is not an action", error.Message);
    }

    [Theory]
    [InlineData("{\"schedule\":\"x\",\n\"ranks\":", "line 2 column 9: this is no complete JSON")]
    [InlineData("[]", "$ must be an object")]
    [InlineData("{\"schedul\":1}", "$ has no key 'schedul'")]
    [InlineData("{\"schedule\":\"x\"}", "$.rankOfStage is missing")]
    [InlineData("{\"rankOfStage\":[[0]],\"directionOfMicroBatch\":[0],\"actions\":[[\"0F\"]]}", "$.actions[0][0] '0F' is not an action")]
    [InlineData("{\"rankOfStage\":[[0,\"1\"]]}", "$.rankOfStage[0][1] must be a whole number")]
    public void Torn_json_is_refused_with_the_place(string json, string problem)
        => Assert.StartsWith(problem, Assert.Throws<TimetableFormatException>(() => TimetableJson.Parse(json)).Message);

    [Fact]
    public void Json_whose_parts_disagree_is_refused_with_the_path()
    {
        var json = TimetableJson.Write(ScheduleCatalog.Create("1f1b", new PipelineSize(2, 3)));
        Refused(json.Replace("\"stages\":2", "\"stages\":3"), "$.stages says 3, but $.rankOfStage[0] has 2 entries");
        Refused(json.Replace("\"ranks\":2", "\"ranks\":1"), "$ direction 0 puts stage 1 on rank 1: ranks go from 0 to 0");
        Refused(json.Replace("\"ranks\":2", "\"ranks\":0"), "$ ranks must be at least 1");
        Refused(json.Replace("\"ranks\":2", "\"ranks\":3"), "$ a timetable of 3 ranks needs as many lists of actions, not 2");
        Refused(json.Replace("[0,0,0]", "[0,0,1]"), "$ micro-batch 2 has direction 1: directions go from 0 to 0");

        static void Refused(string json, string message)
            => Assert.Equal(message, Assert.Throws<TimetableFormatException>(() => TimetableJson.Parse(json)).Message);
    }

    [Fact]
    public void A_file_cut_after_its_first_row_is_refused_or_found_incomplete()
    {
        // A cut within the first row can leave a sound timetable of one rank: nothing in the form says how many rows there were.
        var whole = TimetableCsv.Write(ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8))).TrimEnd();
        for (var length = whole.IndexOf('\n'); length < whole.Length; length++)
        {
            try
            {
                Assert.False(TimetableChecker.Check(TimetableCsv.Parse(whole.AsSpan(0, length))).IsValid);
            }
            catch (TimetableFormatException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    private static void RoundTrip(Func<Timetable, Timetable> thereAndBack)
        => Prop.ForAll(ActionGenerators.Timetable.ToArbitrary(), timetable => thereAndBack(timetable).HasSameActionsAs(timetable))
            .QuickCheckThrowOnFailure();
}
