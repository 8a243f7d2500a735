using Actors.Simulation.Tests.Training;

namespace Actors.Simulation.Tests.Turns;

/// <summary>A seed alone repeats a run: every turn, whose it is and when.</summary>
public sealed class RepetitionTests
{
    [Fact]
    public void The_same_seed_gives_the_same_turns_and_another_others()
    {
        var traces = new HashSet<ulong>();
        for (ulong seed = 1; seed <= 5; seed++)
        {
            (ulong Trace, long Turns, long End) first = Run(seed);
            Assert.Equal(first, Run(seed));
            Assert.True(traces.Add(first.Trace), $"seed {seed} gave the turns of another one");
        }
    }

    private static (ulong Trace, long Turns, long End) Run(ulong seed)
    {
        using var training = new SimulatedTraining(Models.Plan("dualpipe", 2, 4, 2, 4), seed);
        ulong trace = training.Train(1).Trace;
        return (trace, training.Loop.Turns, training.Loop.Now);
    }
}
