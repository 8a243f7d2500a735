using System.Collections.Immutable;
using Actors.Schedules.Checking;

namespace Actors.Schedules.Tests.Checking;

public class TimetableCheckerTests
{
    private static readonly Timetable Sound = ScheduleCatalog.DualPipe.Create(new PipelineSize(4, 8));

    [Fact]
    public void A_dropped_forward_is_named_with_the_rank_that_should_play_it_and_the_ranks_that_wait_for_it()
    {
        var report = TimetableChecker.Check(Edit(rank: 0, list => list.Remove(Action("0F1"))));

        Assert.Contains("rank 0: 0F1 is missing [Complete]", Lines(report));
        Assert.Contains(report.Violations, violation => violation is { Rule: ScheduleRule.AfterItsInputs, Rank: 1 }
            && violation.Message == "waits for 0F1, which no rank plays");
    }

    [Fact]
    public void A_dropped_backward_for_weights_is_named()
    {
        var report = TimetableChecker.Check(Edit(rank: 0, list => list.Remove(Action("3W4"))));
        Assert.Equal(["rank 0: 3W4 is missing after its I [Complete]"], Lines(report));
    }

    [Fact]
    public void A_dropped_backward_for_input_is_named()
    {
        var report = TimetableChecker.Check(Edit(rank: 0, list => list.Remove(Action("3I4"))));
        Assert.Contains("rank 0: 3I4 is missing before its W [Complete]", Lines(report));
    }

    [Fact]
    public void A_dropped_full_backward_is_named()
    {
        var report = TimetableChecker.Check(Edit(rank: 1, list => list.Remove(Action("2B4"))));
        Assert.Contains("rank 1: 2B4 is missing, and so are I and W in its stead [Complete]", Lines(report));
    }

    [Fact]
    public void A_doubled_action_is_named_with_both_places()
    {
        var report = TimetableChecker.Check(Edit(rank: 0, list => list.Insert(2, Action("0F0"))));
        Assert.Equal(["rank 0 position 2: 0F0 happens already at rank 0 position 0 [Once]"], Lines(report));
    }

    [Fact]
    public void A_stage_on_the_wrong_rank_is_named_with_its_holder()
    {
        var report = TimetableChecker.Check(Edit(rank: 0, list => list.SetItem(1, Action("1F1"))));

        Assert.Contains("rank 0 position 1: 1F1 belongs to rank 1, which holds stage 1 for micro-batch 1 [HeldByRank]", Lines(report));
        Assert.Contains("rank 0: 0F1 is missing [Complete]", Lines(report));
    }

    [Fact]
    public void A_forward_and_its_backward_in_the_wrong_order_are_named_with_the_later_place()
    {
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(2, 2));
        var report = TimetableChecker.Check(Edit(timetable, rank: 1, list => Swap(list, 0, 1)));

        Assert.Contains("rank 1 position 0: 1B0 needs 1F0, which comes only at position 1 [AfterItsInputs]", Lines(report));
    }

    [Fact]
    public void Ranks_that_wait_for_each_other_are_all_named_with_what_they_wait_for()
    {
        // Rank 0 wants its backward of 0 before the forward of 1, rank 1 the forward of 1 before the backward of 0.
        var timetable = FromLines("0F0 0B0 0F1 0B1", "1F0 1F1 1B0 1B1");
        var report = TimetableChecker.Check(timetable);

        Assert.Equal(
            [
                "rank 0 position 1: 0B0 waits for 1B0 at rank 1 position 2, but that rank waits at position 1 with 1F1 [NoDeadlock]",
                "rank 1 position 1: 1F1 waits for 0F1 at rank 0 position 2, but that rank waits at position 1 with 0B0 [NoDeadlock]",
            ],
            Lines(report));
    }

    [Fact]
    public void A_pair_of_a_chunk_with_itself_is_a_wait_for_itself()
    {
        var report = TimetableChecker.Check(FromLines("(0F0;0B0)OVERLAP_F_B"));
        Assert.Equal(["rank 0 position 0: (0F0;0B0)OVERLAP_F_B needs 0F0, which comes only at position 0 [AfterItsInputs]"], Lines(report));
    }

    [Theory]
    [InlineData("0F0 0F1 0B0 0B1", WeightOrder.OfRank)]
    [InlineData("0F0 1F0 1I0 0I0 1W0 0W0", WeightOrder.OfRank)]
    [InlineData("0F0 1F0 1I0 0I0 0W0 1W0", WeightOrder.OfStage)]
    [InlineData("0F0 0F1 0F2 0I0 0I1 0I2 0W2 0W0 0W1", WeightOrder.Free)]
    public void The_order_of_weights_breaks_no_rule_and_is_told(string list, WeightOrder order)
    {
        var report = TimetableChecker.Check(FromLines(list));
        Assert.Empty(report.Violations);
        Assert.Equal(order, report.WeightOrder);
    }

    [Fact]
    public void The_loosest_order_of_weights_on_any_rank_is_that_of_the_timetable()
    {
        var report = TimetableChecker.Check(FromLines("0F0 0F1 0I0 0I1 0W1 0W0", "1F0 1F1 1I0 1W0 1I1 1W1"));
        Assert.Equal(WeightOrder.Free, report.WeightOrder);
    }

    [Fact]
    public void Weights_before_their_own_backward_for_input_are_named()
    {
        var report = TimetableChecker.Check(FromLines("0F0 0W0 0I0"));
        Assert.Equal(["rank 0 position 1: 0W0 needs 0I0, which comes only at position 2 [AfterItsInputs]"], Lines(report));
    }

    [Fact]
    public void A_full_backward_beside_a_split_one_is_named()
    {
        var report = TimetableChecker.Check(FromLines("0F0 0B0 0W0"));
        Assert.Equal(["rank 0 position 2: 0W0 comes beside 0B0: use one B, or one I and one W [OneKindOfBackward]"], Lines(report));
    }

    [Fact]
    public void An_action_outside_the_timetable_is_named_with_the_limits()
    {
        var report = TimetableChecker.Check(Edit(rank: 3, list => list.Add(Action("4F9"))));
        Assert.Equal(
            ["rank 3 position 16: 4F9 is outside the timetable: stages go to 3, micro-batches to 7 [InRange]"],
            Lines(report));
    }

    [Fact]
    public void A_backward_in_a_forward_only_timetable_is_named()
    {
        var timetable = new Timetable("mine", Placement.Straight(1, 1), [[Action("0F0"), Action("0B0")]], forwardOnly: true);
        Assert.Equal(
            ["rank 0 position 1: 0B0 is a backward in a forward-only timetable [ForwardOnly]"],
            Lines(TimetableChecker.Check(timetable)));
    }

    [Fact]
    public void Any_dropped_or_doubled_action_of_any_rank_is_caught()
    {
        for (var rank = 0; rank < Sound.Ranks; rank++)
        {
            for (var position = 0; position < Sound.ActionsOf(rank).Length; position++)
            {
                Assert.False(TimetableChecker.Check(Edit(rank, list => list.RemoveAt(position))).IsValid);
                Assert.False(TimetableChecker.Check(Edit(rank, list => list.Insert(position, list[position]))).IsValid);
            }
        }
    }

    [Fact]
    public void Activations_are_held_from_the_forward_to_the_backward_or_its_weights()
    {
        Assert.Equal<int>([3], TimetableChecker.Check(FromLines("0F0 0F1 0I0 0F2 0W0 0I1 0W1 0B2")).PeakActivations);
        Assert.Equal<int>([2], TimetableChecker.Check(FromLines("0F0 (0F1;0B0)OVERLAP_F_B 0B1")).PeakActivations);
    }

    private static StageAction Action(string text) => StageAction.Parse(text);

    private static ImmutableArray<StageAction> Swap(ImmutableArray<StageAction> list, int a, int b)
        => list.SetItem(a, list[b]).SetItem(b, list[a]);

    private static Timetable Edit(int rank, Func<ImmutableArray<StageAction>, ImmutableArray<StageAction>> edit) => Edit(Sound, rank, edit);

    private static Timetable Edit(
        Timetable timetable, int rank, Func<ImmutableArray<StageAction>, ImmutableArray<StageAction>> edit)
    {
        var lists = Enumerable.Range(0, timetable.Ranks).Select(timetable.ActionsOf).ToArray();
        lists[rank] = edit(lists[rank]);
        return new Timetable(timetable.Schedule, timetable.Placement, [.. lists], timetable.ForwardOnly);
    }

    private static Timetable FromLines(params string[] lines)
        => Schedules.Formats.TimetableText.Parse(string.Join('\n', lines));

    private static string[] Lines(TimetableReport report) => [.. report.Violations.Select(violation => violation.ToString())];
}
