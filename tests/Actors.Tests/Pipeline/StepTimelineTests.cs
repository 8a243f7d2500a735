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
