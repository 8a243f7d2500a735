using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Tests.Pipeline;

public sealed class StepTimelineTests
{
    [Fact]
    public void Hidden_communication_is_what_computation_covers_moment_by_moment()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var timeline = new StepTimeline(components: 40);
            var computes = new bool[200];
            var moves = new bool[200];
            var movesInPairs = new bool[200];
            timeline.Begin();
            for (int time = random.Next(20); time < 170;)
            {
                int end = time + random.Next(1, 20);
                timeline.Computed(time, end);
                computes.AsSpan(time, end - time).Fill(true);
                time = end + random.Next(10);
            }

            for (int i = random.Next(30); i > 0; i--)
            {
                int start = random.Next(150), end = start + random.Next(40);
                bool paired = random.Next(2) == 0;
                timeline.Communicated(start, end, paired);
                moves.AsSpan(start, end - start).Fill(true);
                if (paired)
                {
                    movesInPairs.AsSpan(start, end - start).Fill(true);
                }
            }

            (CommunicationTime all, CommunicationTime inPairs) = timeline.Finish();

            Assert.Equal(Naive(moves, computes), all);
            Assert.Equal(Naive(movesInPairs, computes), inPairs);
        }
    }

    [Fact]
    public void Idle_time_is_where_host_or_device_waited_and_nothing_was_computed_moment_by_moment()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var timeline = new StepTimeline(components: 60);
            bool[] computes = new bool[200], moves = new bool[200], held = new bool[200], rows = new bool[200], stage = new bool[200];
            timeline.Begin();
            for (int time = random.Next(20); time < 160;)
            {
                int reached = time + random.Next(10), start = reached + random.Next(10), end = start + random.Next(1, 20);
                timeline.Held(reached, start);
                timeline.Computed(start, end);
                held.AsSpan(reached, start - reached).Fill(true);
                computes.AsSpan(start, end - start).Fill(true);
                time = end;
            }

            for (int time = 0; time < 160;)
            {
                int start = time + random.Next(10), end = start + random.Next(20);
                timeline.Communicated(start, end, isPaired: false);
                moves.AsSpan(start, end - start).Fill(true);
                time = end;
            }

            for (int time = 0; time < 160;)
            {
                int start = time + random.Next(10), end = start + random.Next(20);
                bool isStage = random.Next(2) == 0;
                timeline.Waited(start, end, isStage ? WaitKind.Stage : WaitKind.Rows);
                (isStage ? stage : rows).AsSpan(start, end - start).Fill(true);
                time = end;
            }

            Assert.Equal(Count(moment => (rows[moment] || held[moment]) && !computes[moment]), timeline.Idle(WaitKind.Rows));
            Assert.Equal(Count(moment => (rows[moment] || held[moment]) && !computes[moment] && moves[moment]), timeline.IdleUnderWay());
            Assert.Equal(Count(moment => stage[moment] && !held[moment] && !computes[moment]), timeline.Idle(WaitKind.Stage));
        }

        static int Count(Predicate<int> holds) => Enumerable.Range(0, 200).Count(moment => holds(moment));
    }

    [Fact]
    public void A_new_step_begins_with_nothing()
    {
        var timeline = new StepTimeline(2);
        timeline.Computed(0, 5);
        timeline.Communicated(0, 5, isPaired: true);
        timeline.Begin();

        (CommunicationTime all, CommunicationTime inPairs) = timeline.Finish();

        Assert.Equal(default, all);
        Assert.Equal(default, inPairs);
        Assert.Null(all.HiddenShare);
    }

    private static CommunicationTime Naive(bool[] moves, bool[] computes) =>
        new(moves.Count(moving => moving), moves.Zip(computes).Count(moment => moment is { First: true, Second: true }));
}
