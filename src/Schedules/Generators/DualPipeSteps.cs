using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// The eight steps of DualPipe on one rank, which are those of DualPipeV too. On the near lane the rank is k steps from where micro-batches
/// enter, on the far lane k steps from where they leave; <c>toMiddle</c> is its distance to where the far lane's stages begin.
/// </summary>
internal static class DualPipeSteps
{
    /// <summary>The list of a rank.</summary>
    /// <param name="near">The stage that micro-batches pass first.</param>
    /// <param name="far">The stage that they pass last.</param>
    /// <param name="microBatches">Micro-batches of a lane; at least twice the sum of <paramref name="k"/>, toMiddle and 1.</param>
    /// <param name="k">Steps from the entrance of the near lane.</param>
    /// <param name="toMiddle">Steps to the innermost rank.</param>
    public static ImmutableArray<StageAction> CreateRank(Lane near, Lane far, int microBatches, int k, int toMiddle)
    {
        var program = new RankProgram(4 * microBatches);
        ForwardNear(program, near, 2 * toMiddle);
        ForwardNearThenFar(program, near, far, k + 1);
        BackwardInputWeightsForwardFar(program, far, toMiddle);
        OverlapBothWays(program, near, far, microBatches - (2 * toMiddle) - k - 1, isInnermost: toMiddle == 0);
        BackwardFarThenOverlap(program, near, far, toMiddle);
        BackwardFarThenNear(program, near, far, k);
        WeightsThenBackwardInputNear(program, near, toMiddle);
        OwedWeights(program, k + 1);
        return program.ToActions();
    }

    private static void ForwardNear(RankProgram program, Lane near, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Forward(near);
        }
    }

    private static void ForwardNearThenFar(RankProgram program, Lane near, Lane far, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Forward(near);
            program.Forward(far);
        }
    }

    private static void BackwardInputWeightsForwardFar(RankProgram program, Lane far, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.BackwardInput(far);
            program.Weights();
            program.Forward(far);
        }
    }

    // An innermost rank plays its very first pair one after the other: the forward then leaves for the neighbour sooner.
    private static void OverlapBothWays(RankProgram program, Lane near, Lane far, int count, bool isInnermost)
    {
        for (var i = 0; i < count; i++)
        {
            if (i == 0 && isInnermost)
            {
                program.Forward(near);
                program.Backward(far);
            }
            else
            {
                program.Overlap(near, far);
            }

            program.Overlap(far, near);
        }
    }

    private static void BackwardFarThenOverlap(RankProgram program, Lane near, Lane far, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Backward(far);
            program.Overlap(far, near);
        }
    }

    // k+1 rounds of a far and a near backward. The later half of them, k+1 backwards, owe their weights to the last two steps.
    private static void BackwardFarThenNear(RankProgram program, Lane near, Lane far, int k)
    {
        for (var turn = 0; turn < 2 * (k + 1); turn++)
        {
            var lane = turn % 2 == 0 ? far : near;
            if (turn > k)
            {
                program.BackwardInput(lane);
            }
            else
            {
                program.Backward(lane);
            }
        }
    }

    private static void WeightsThenBackwardInputNear(RankProgram program, Lane near, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Weights();
            program.BackwardInput(near);
        }
    }

    private static void OwedWeights(RankProgram program, int count)
    {
        for (var i = 0; i < count; i++)
        {
            program.Weights();
        }
    }
}
