using Actors.Schedules.Checking;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Timing;

public class NaivePlayerTests
{
    private static readonly ActionCosts Costs = new(2, 3, 1.5, pair: 5.25, sendLatency: 0.5);

    private static readonly Arbitrary<(Timetable Timetable, StepCosts Costs)> AnyWithCosts = (
        from timetable in Gen.OneOf(ActionGenerators.Timetable, RandomTimetables.Timetable, RandomTimetables.Timetable)
        from costs in CostGenerators.For(timetable.Stages)
        select (timetable, costs)).ToArbitrary();

    [Fact]
    public void The_simulator_gives_the_times_of_the_naive_player_to_the_last_bit_under_any_costs()
        => Prop.ForAll(AnyWithCosts, run =>
            {
                var simulated = TimetableSimulator.Simulate(run.Timetable, run.Costs);
                var (times, exposed) = NaivePlayer.PlayAll(run.Timetable, run.Costs)!.Value;
                return Enumerable.Range(0, run.Timetable.Ranks).All(rank =>
                    Times(simulated, rank).SequenceEqual(times[rank]) && simulated.ExposedCommunicationOf(rank) == exposed[rank]);
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Random_timetables_pass_the_checker()
        => Prop.ForAll(RandomTimetables.Timetable.ToArbitrary(), timetable => TimetableChecker.Check(timetable).IsValid)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Bubble_busy_and_their_parts_add_up_to_the_step()
        => Prop.ForAll(AnyWithCosts, run =>
            {
                var simulated = TimetableSimulator.Simulate(run.Timetable, run.Costs);
                var tolerance = 1e-12 * simulated.StepTime;
                return Enumerable.Range(0, run.Timetable.Ranks).All(rank =>
                {
                    var (before, within, after) = simulated.BubblePartsOf(rank);
                    return Math.Abs(before + within + after - simulated.BubbleOf(rank)) <= tolerance
                        && Math.Abs(simulated.BusyOf(rank) + simulated.BubbleOf(rank) - simulated.StepTime) <= tolerance
                        && Math.Min(before, Math.Min(within, after)) >= 0
                        && simulated.ExposedCommunicationOf(rank) <= before + within + tolerance;
                });
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_critical_path_goes_from_the_start_to_the_end_without_a_gap()
        => Prop.ForAll(AnyWithCosts, run =>
            {
                var simulated = TimetableSimulator.Simulate(run.Timetable, run.Costs);
                var path = simulated.FindCriticalPath();
                var ends = path.Segments.Select(segment => segment.End).ToList();
                return path.Segments.Select(segment => segment.Start).SequenceEqual([0, .. ends.SkipLast(1)])
                    && ends[^1] == simulated.StepTime
                    && Math.Abs(path.ComputeTime + path.TransferTime - simulated.StepTime) <= 1e-12 * simulated.StepTime
                    && path.Segments.All(segment => segment.IsTransfer ? IsSent(segment, run.Timetable) : IsPlayed(segment, simulated));
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

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

    private static IEnumerable<(double Start, double End)> Times(SimulatedRun run, int rank)
        => Enumerable.Range(0, run.Timetable.ActionsOf(rank).Length).Select(at => (run.StartOf(rank, at), run.EndOf(rank, at)));

    private static bool IsPlayed(PathSegment segment, SimulatedRun run)
    {
        var position = run.Timetable.ActionsOf(segment.Rank).IndexOf(segment.Action);
        return run.StartOf(segment.Rank, position) == segment.Start && run.EndOf(segment.Rank, position) == segment.End;
    }

    private static bool IsSent(PathSegment segment, Timetable timetable)
    {
        var action = segment.Action;
        var next = action.Kind == ActionKind.Forward ? action.Stage + 1 : action.Stage - 1;
        return timetable.Placement.RankOf(action.Stage, action.MicroBatch) == segment.Rank
            && timetable.Placement.RankOf(next, action.MicroBatch) == segment.Receiver;
    }

    private static Timetable Swap(Timetable timetable, int rank, int first, int second)
    {
        var lists = Enumerable.Range(0, timetable.Ranks).Select(timetable.ActionsOf).ToArray();
        var list = lists[rank];
        lists[rank] = list.SetItem(first, list[second]).SetItem(second, list[first]);
        return new Timetable(timetable.Schedule, timetable.Placement, [.. lists], timetable.ForwardOnly);
    }
}
