using System.Globalization;
using System.Text.RegularExpressions;
using Actors.Schedules.Checking;

namespace Actors.Schedules.Tests.Generators;

/// <summary>What holds for every schedule at every size up to 16 ranks, 64 micro-batches and, where free, 4 stages a rank.</summary>
public partial class AllSizesTests
{
    public static TheoryData<string> Schedules => [.. ScheduleCatalog.All.Select(schedule => schedule.Name)];

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Every_size_passes_the_checker(string name)
    {
        foreach (var timetable in Timetables(name))
        {
            Assert.Empty(TimetableChecker.Check(timetable).Violations);
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_schedule_that_overlaps_pairs_says_so(string name) => Assert.Equal(
        ScheduleCatalog.All.Single(schedule => schedule.Name == name).OverlapsPairs,
        Timetables(name).Any(timetable => Enumerable.Range(0, timetable.Ranks).Any(rank => timetable.ActionsOf(rank).Any(action => action.IsPair))));

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_stage_plays_its_micro_batches_in_order_so_that_gradients_are_summed_in_order(string name)
    {
        foreach (var timetable in Timetables(name))
        {
            for (var rank = 0; rank < timetable.Ranks; rank++)
            {
                AssertAscending(timetable, rank);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Only_ZBV_pays_weights_in_another_order_than_it_owes_them_and_then_in_that_of_the_stage(string name)
    {
        foreach (var timetable in Timetables(name))
        {
            var order = TimetableChecker.Check(timetable).WeightOrder;
            Assert.True(order == WeightOrder.OfRank || (order == WeightOrder.OfStage && name == "zbv"), $"{name}: {order}");
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_timetable_has_the_stages_and_directions_that_its_schedule_tells(string name)
    {
        var schedule = Find(name);
        foreach (var size in Sizes(schedule).Where(size => schedule.Refuse(size) is null))
        {
            var timetable = schedule.Create(size);
            Assert.Equal((size.StagesPerRank ?? schedule.StagesPerRank) * size.Ranks, timetable.Stages);
            Assert.Equal(schedule.Directions, timetable.Placement.Directions);
            Assert.Equal(name, timetable.Schedule);
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_refusal_is_one_line_and_its_mends_lead_to_a_size_that_exists(string name)
    {
        var schedule = Find(name);
        int[] numbers = [int.MinValue, -1, 0, 1, 2, 3, 7, 11, 13, 30, 61, 1000, (1 << 30) - 1];
        foreach (var ranks in numbers)
        {
            foreach (var microBatches in numbers)
            {
                foreach (var stages in new int?[] { null, -1, 0, 1, 2, 5 })
                {
                    AssertMends(schedule, new PipelineSize(ranks, microBatches, stages), steps: 3);
                }
            }
        }
    }

    private static void AssertMends(ISchedule schedule, PipelineSize size, int steps)
    {
        if (schedule.Refuse(size) is not var (part, rule))
        {
            return;
        }

        Assert.True(steps > 0, $"{size} is not mended: {rule}");
        Assert.DoesNotContain('\n', rule);
        var mends = Mends().Match(rule);
        Assert.True(mends.Success, rule);
        foreach (var value in mends.Groups.Values.Skip(1).Where(group => group.Success))
        {
            if (int.TryParse(value.Value, CultureInfo.InvariantCulture, out var mend))
            {
                AssertMends(schedule, Mend(size, part, mend), steps - 1);
            }
        }
    }

    private static PipelineSize Mend(PipelineSize size, SizePart part, int mend) => part switch
    {
        SizePart.MicroBatches => size with { MicroBatches = mend },
        SizePart.StagesPerRank => size with { StagesPerRank = mend },
        _ => size with { Ranks = mend },
    };

    private static void AssertAscending(Timetable timetable, int rank)
    {
        var lastForwards = new int[timetable.Stages];
        var lastWeights = new int[timetable.Stages];
        Array.Fill(lastForwards, -1);
        Array.Fill(lastWeights, -1);
        foreach (var action in timetable.ActionsOf(rank))
        {
            if (action.Kind is ActionKind.Forward or ActionKind.Pair)
            {
                AssertNext(lastForwards, action);
            }

            if (action.Kind is not ActionKind.Forward and not ActionKind.BackwardInput)
            {
                AssertNext(lastWeights, action.IsPair ? action.BackwardPart : action);
            }
        }

        void AssertNext(int[] last, StageAction action)
        {
            if (action.MicroBatch <= last[action.Stage])
            {
                Assert.Fail($"{timetable.Schedule} rank {rank}: {action} comes after micro-batch {last[action.Stage]}");
            }

            last[action.Stage] = action.MicroBatch;
        }
    }

    private static IEnumerable<Timetable> Timetables(string name)
    {
        var schedule = Find(name);
        return Sizes(schedule).Where(size => schedule.Refuse(size) is null).Select(schedule.Create);
    }

    private static IEnumerable<PipelineSize> Sizes(ISchedule schedule)
        => from ranks in Enumerable.Range(1, 16)
           from microBatches in Enumerable.Range(1, 64)
           from stages in schedule.TakesStagesPerRank ? new int?[] { 1, 2, 3, 4 } : [null]
           select new PipelineSize(ranks, microBatches, stages);

    private static ISchedule Find(string name) => ScheduleCatalog.TryFind(name, out var schedule, out var error)
        ? schedule
        : throw new ArgumentException(error);

    [GeneratedRegex(@": use (-?\d+)(?: or (-?\d+))?$")]
    private static partial Regex Mends();
}
