using Actors.Schedules.Checking;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Timing;

public class NaivePlayerTests
{
    private static readonly ActionCosts Costs = new(2, 3, 1.5, pair: 5.25, sendLatency: 0.5);

    [Fact]
    public void The_simulator_gives_the_times_of_the_naive_player()
        => Prop.ForAll(ActionGenerators.Timetable.ToArbitrary(), timetable =>
            {
                var run = TimetableSimulator.Simulate(timetable, Costs);
                var ends = Enumerable.Range(0, timetable.Ranks).Select(rank => run.EndOf(rank, timetable.ActionsOf(rank).Length - 1));
                return ends.SequenceEqual(NaivePlayer.Play(timetable, Costs)!);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void After_any_swap_on_a_rank_the_checker_finds_a_wait_exactly_where_the_naive_player_gets_stuck()
    {
        var swapped =
            from timetable in ActionGenerators.Timetable
            from rank in Gen.Choose(0, timetable.Ranks - 1)
            from first in Gen.Choose(0, timetable.ActionsOf(rank).Length - 1)
            from second in Gen.Choose(0, timetable.ActionsOf(rank).Length - 1)
            select Swap(timetable, rank, first, second);
        Prop.ForAll(swapped.ToArbitrary(), timetable =>
            {
                var violations = TimetableChecker.Check(timetable).Violations;
                var waits = violations.Any(violation => violation.Rule is ScheduleRule.NoDeadlock or ScheduleRule.AfterItsInputs);
                return waits == (NaivePlayer.Play(timetable, Costs) is null);
            })
            .QuickCheckThrowOnFailure();
    }

    private static Timetable Swap(Timetable timetable, int rank, int first, int second)
    {
        var lists = Enumerable.Range(0, timetable.Ranks).Select(timetable.ActionsOf).ToArray();
        var list = lists[rank];
        lists[rank] = list.SetItem(first, list[second]).SetItem(second, list[first]);
        return new Timetable(timetable.Schedule, timetable.Placement, [.. lists], timetable.ForwardOnly);
    }
}
