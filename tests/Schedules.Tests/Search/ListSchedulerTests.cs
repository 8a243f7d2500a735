using Actors.Schedules.Checking;
using Actors.Schedules.Search;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Search;

/// <summary>Whatever the policy, the list scheduler plays a whole step, within memory, in the time that the simulator finds for it.</summary>
public class ListSchedulerTests
{
    private static readonly Gen<(SearchRequest Request, ListPolicy Policy)> Plays =
        from request in PipelineGenerators.Requests
        from inFlight in Gen.Choose(1, 9).ListOf(request.Ranks)
        from owed in Gen.Choose(0, 9).ListOf(request.Ranks)
        from gap in Gen.Elements(0, 0.3, 1, 5)
        from patience in Gen.Elements(0, 0.3, 1, 5)
        from prefersForward in Gen.Elements(true, false)
        let policy = new ListPolicy
        {
            MostInFlight = [.. inFlight],
            MostOwed = [.. owed],
            Gap = gap,
            Patience = patience,
            PrefersForward = prefersForward,
        }
        select (request, policy);

    [Fact]
    public void Every_policy_gives_a_valid_timetable_within_memory()
        => Prop.ForAll(Plays.ToArbitrary(), play =>
            {
                var (timetable, _) = Play(play.Request, play.Policy);
                return TimetableChecker.Check(timetable).IsValid && PipelineGenerators.Fits(timetable, play.Request);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Its_time_is_that_of_the_simulator()
        => Prop.ForAll(Plays.ToArbitrary(), play =>
            {
                var (timetable, stepTime) = Play(play.Request, play.Policy);
                var simulated = TimetableSimulator.Simulate(timetable, play.Request.Costs).StepTime;

                // A rank that waited for an I and then found W to do would have done it sooner.
                return simulated <= stepTime * (1 + 1e-9) && (play.Policy.Gap > 0 || play.Policy.Patience > 0 || simulated >= stepTime * (1 - 1e-9));
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_policy_is_faster_than_the_lower_bound()
        => Prop.ForAll(Plays.ToArbitrary(), play =>
                Play(play.Request, play.Policy).StepTime >= StepBound.Of(new StraightPipeline(play.Request)) * (1 - 1e-9))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_play_that_cannot_be_faster_than_what_is_known_is_left()
    {
        var pipeline = new StraightPipeline(new SearchRequest(4, 8));
        var scheduler = new ListScheduler(pipeline);
        var policy = ListPolicy.InProportion(pipeline, ahead: 2, owing: 1, gap: 0, prefersForward: false);
        var stepTime = scheduler.Play(policy);
        var played = scheduler.PlayedActions;

        Assert.Equal(4 * 8 * 3, played);
        Assert.Equal(double.PositiveInfinity, scheduler.Play(policy, unlessBelow: stepTime));
        Assert.Equal(stepTime, scheduler.Play(policy, unlessBelow: stepTime + 1));
        Assert.True(scheduler.PlayedActions < 3 * played);
    }

    [Fact]
    public void Wakes_come_by_time_and_then_by_rank()
    {
        var wakes = new WakeTimes(5);
        wakes.Set(3, 2);
        wakes.Set(4, 1);
        wakes.SetAtMost(1, 2);
        wakes.SetAtMost(4, 7);

        Assert.Equal((4, 1), (wakes.First, wakes[wakes.First]));
        wakes.Set(4, double.PositiveInfinity);
        Assert.Equal(1, wakes.First);
        wakes.Clear();
        Assert.Equal(double.PositiveInfinity, wakes[wakes.First]);
    }

    private static (Timetable Timetable, double StepTime) Play(SearchRequest request, ListPolicy policy)
    {
        var scheduler = new ListScheduler(new StraightPipeline(request));
        var stepTime = scheduler.Play(policy);
        return (scheduler.ToTimetable("list"), stepTime);
    }
}
