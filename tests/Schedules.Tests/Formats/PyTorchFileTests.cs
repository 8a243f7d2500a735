using Actors.Schedules.Checking;
using Actors.Schedules.Communication;
using Actors.Schedules.Formats;

namespace Actors.Schedules.Tests.Formats;

/// <summary>
/// Files as classes of <c>torch.distributed.pipelining</c> 2.11 write them: rows of <c>_calculate_single_rank_operations</c>, and for
/// <c>compute_comms</c> what its own passes make of them.
/// </summary>
public class PyTorchFileTests
{
    private const string OneForwardOneBackward = """
        0F0,0F1,0F2,0B0,0F3,0B1,0B2,0B3,0REDUCE_GRAD
        1F0,1F1,1B0,1F2,1B1,1F3,1B2,1B3,1REDUCE_GRAD
        2F1,2B0,2F2,2B1,2F3,2B2,2F4,2B3,2REDUCE_GRAD
        """;

    private const string InterleavedZeroBubble = """
        0F0,0F1,2F0,,2F1,2I0,2W0,0F2,2I1,2W1,0F3,0I0,0W0,2F2,0I1,0W1,2F3,2I2,2W2,2I3,2W3,0I2,0W2,0I3,0W3
        ,1F0,1F1,3F0,3I0,3F1,3I1,3W0,1F2,1I0,3W1,1F3,1I1,1W0,3F2,3I2,1W1,3F3,3I3,3W2,1I2,3W3,1I3,1W2,1W3
        """;

    private const string LoopedBreadthFirst = """
        0F0,0F1,2F0,2F1,,,2B1,2B0,0B1,0B0
        ,1F0,1F1,3F0,3F1,3B1,3B0,1B1,1B0
        """;

    private const string ZeroBubbleV = """
        0F0,0F1,0F2,3F0,3I0,3W0,3F1,3I1,3W1,0F3,0I0,0W0,3F2,3I2,3W2,0I1,0W1,3F3,3I3,3W3,0I2,0W2,0I3,0W3
        ,1F0,2F0,1F1,2F1,2I0,2W0,1F2,1I0,1W0,2F2,2I1,2W1,1F3,1I1,1W1,2F3,2I2,2W2,1I2,2I3,1I3,1W2,2W3,1W3
        """;

    private const string DualPipeV = """
        0F0,0F1,0F2,3F0,3I0,3W0,3F1,(0F3;3B1)OVERLAP_F_B,(3F2;0B0)OVERLAP_F_B,3B2,(3F3;0B1)OVERLAP_F_B,3B3,0I2,0W2,0I3,0W3
        1F0,2F0,1F1,2F1,1F2,2B0,(2F2;1B0)OVERLAP_F_B,(1F3;2B1)OVERLAP_F_B,(2F3;1B1)OVERLAP_F_B,2B2,1B2,2I3,1I3,2W3,1W3
        """;

    private const string ZeroBubbleVWithCommunication = """
        0UNSHARD,3UNSHARD,0F0,0SEND_F0,0F1,0SEND_F1,3RECV_F0,0F2,0SEND_F2,3F0,3RECV_F1,3I0,3SEND_B0,3W0,3F1,3I1,3SEND_B1,0RECV_B0,3W1,0F3,0SEND_F3,3RECV_F2,0I0,0W0,3F2,3I2,3SEND_B2,0RECV_B1,3W2,0I1,3RECV_F3,0W1,3F3,3I3,3SEND_B3,0RECV_B2,3W3,3REDUCE_GRAD,0RECV_B3,3RESHARD,0I2,0W2,0I3,0W3,0REDUCE_GRAD,0RESHARD
        1UNSHARD,2UNSHARD,1RECV_F0,1F0,1RECV_F1,2F0,2SEND_F0,1RECV_F2,1F1,2F1,2SEND_F1,2RECV_B0,2I0,2W0,1F2,2RECV_B1,1I0,1SEND_B0,1W0,1RECV_F3,2F2,2SEND_F2,2I1,2W1,1F3,2RECV_B2,1I1,1SEND_B1,1W1,2F3,2SEND_F3,2I2,2W2,2RECV_B3,1I2,1SEND_B2,2I3,1I3,1SEND_B3,1W2,2W3,2REDUCE_GRAD,2RESHARD,1W3,1REDUCE_GRAD,1RESHARD
        """;

    [Theory]
    [InlineData(InterleavedZeroBubble, new[] { 0, 1, 0, 1 })]
    [InlineData(LoopedBreadthFirst, new[] { 0, 1, 0, 1 })]
    [InlineData(ZeroBubbleV, new[] { 0, 1, 1, 0 })]
    [InlineData(DualPipeV, new[] { 0, 1, 1, 0 })]
    [InlineData(ZeroBubbleVWithCommunication, new[] { 0, 1, 1, 0 })]
    public void Files_are_read_with_their_placement_and_pass_the_checker(string csv, int[] rankOfStage)
    {
        var timetable = TimetableReader.Parse(csv, "file");

        Assert.Equal(1, timetable.Placement.Directions);
        Assert.Equal(rankOfStage, timetable.Placement.RanksOfDirection(0).ToArray());
        Assert.Empty(TimetableChecker.Check(timetable).Violations);
    }

    [Fact]
    public void Communication_that_PyTorch_added_is_over_the_same_computations()
    {
        var withCommunication = TimetableReader.Parse(ZeroBubbleVWithCommunication, "file");
        Assert.True(CommunicationPass.Remove(withCommunication).HasSameActionsAs(TimetableReader.Parse(ZeroBubbleV, "file")));
    }

    [Theory]
    [InlineData(ZeroBubbleV)]
    [InlineData(LoopedBreadthFirst)]
    public void A_file_whose_empty_cells_stand_where_inputs_are_waited_for_is_written_back_as_it_was(string csv)
        => Assert.Equal(csv + "\n", TimetableCsv.Write(TimetableReader.Parse(csv, "file")));

    [Fact]
    public void The_last_rank_of_its_1F1B_is_named_as_numbered_from_1_and_nothing_else_is()
    {
        var violation = Assert.Single(TimetableChecker.Check(TimetableReader.Parse(OneForwardOneBackward, "file")).Violations);
        Assert.Equal(
            "rank 2 position 0: 2F1 begins the forwards of stage 2, which are numbered 1 to 4, but its backwards are numbered 0 to 3: "
            + "number both alike (PyTorch 2.11 writes the last rank of its 1F1B so) [NumberedAlike]",
            violation.ToString());
    }

    [Fact]
    public void What_else_is_wrong_beside_shifted_numbers_is_named_too()
    {
        var csv = OneForwardOneBackward.Replace("0B3,", "", StringComparison.Ordinal);
        var violations = TimetableChecker.Check(TimetableReader.Parse(csv, "file")).Violations;

        Assert.Equal([ScheduleRule.NumberedAlike, ScheduleRule.Complete], violations.Select(violation => violation.Rule));
        Assert.Equal("rank 0: 0B3 is missing, and so are I and W in its stead [Complete]", violations[1].ToString());
    }

    [Fact]
    public void A_single_rank_numbered_from_1_is_named()
        => Assert.Equal(
            ScheduleRule.NumberedAlike,
            Assert.Single(TimetableChecker.Check(TimetableReader.Parse("0F1,0B0,0F2,0B1,0REDUCE_GRAD", "file")).Violations).Rule);

    [Fact]
    public void Forwards_and_backwards_that_differ_otherwise_are_not_taken_for_shifted()
        => Assert.DoesNotContain(
            TimetableChecker.Check(TimetableReader.Parse("0F1,0F3,0B0,0B1", "file")).Violations,
            violation => violation.Rule == ScheduleRule.NumberedAlike);
}
