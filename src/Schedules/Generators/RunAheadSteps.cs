using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// The steps of 1F1B and of the schedules made from it: a rank runs some forwards ahead, then plays a forward and a backward in turn, then
/// the remaining backwards. They differ in how many they run ahead, in the order of their stages, and in whether backwards are split.
/// </summary>
internal static class RunAheadSteps
{
    /// <summary>The list of a rank with full backwards.</summary>
    /// <param name="lanes">The rank's stages in the order in which their chunks come.</param>
    /// <param name="chunks">Micro-batches times stages of the rank.</param>
    /// <param name="ahead">Forwards before the first backward, at most <paramref name="chunks"/>.</param>
    public static ImmutableArray<StageAction> WithFullBackwards(InterleavedLanes lanes, int chunks, int ahead)
    {
        var program = new RankProgram(2 * chunks);
        RunAhead(program, lanes, ahead);
        ForwardThenBackward(program, lanes, chunks - ahead);
        BackwardRest(program, lanes, ahead);
        return program.ToActions();
    }

    /// <summary>The same with split backwards, whose weights are paid once more than <paramref name="mayOwe"/> are owed, or at the end.</summary>
    public static ImmutableArray<StageAction> WithSplitBackwards(InterleavedLanes lanes, int chunks, int ahead, int mayOwe)
    {
        var program = new RankProgram(3 * chunks);
        RunAhead(program, lanes, ahead);
        ForwardThenBackwardInput(program, lanes, chunks - ahead, mayOwe);
        BackwardInputRest(program, lanes, ahead, mayOwe);
        OwedWeights(program);
        return program.ToActions();
    }

    private static void RunAhead(RankProgram program, InterleavedLanes lanes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Forward(lanes.NextForward());
        }
    }

    private static void ForwardThenBackward(RankProgram program, InterleavedLanes lanes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Forward(lanes.NextForward());
            program.Backward(lanes.NextBackward());
        }
    }

    private static void BackwardRest(RankProgram program, InterleavedLanes lanes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Backward(lanes.NextBackward());
        }
    }

    private static void ForwardThenBackwardInput(RankProgram program, InterleavedLanes lanes, int count, int mayOwe)
    {
        for (var i = 0; i < count; i++)
        {
            program.Forward(lanes.NextForward());
            program.BackwardInput(lanes.NextBackward());
            program.WeightsDownTo(mayOwe);
        }
    }

    private static void BackwardInputRest(RankProgram program, InterleavedLanes lanes, int count, int mayOwe)
    {
        for (var i = 0; i < count; i++)
        {
            program.BackwardInput(lanes.NextBackward());
            program.WeightsDownTo(mayOwe);
        }
    }

    private static void OwedWeights(RankProgram program) => program.WeightsDownTo(0);
}
