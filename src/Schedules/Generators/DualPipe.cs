using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// DualPipe (DeepSeek-V3 technical report, section 3.2.1, and the step order of deepseek-ai/DualPipe): micro-batches enter from both ends
/// of the pipeline, and the forward of a chunk overlaps with the full backward of a chunk of the other direction. Rank r holds stage r for
/// micro-batches 0..M/2−1, which enter at rank 0, and stage N−1−r for M/2..M−1, which enter at rank N−1. On every rank the near lane is
/// the direction whose entrance is closer, the far lane the other; k is the distance to the nearer end. Peak: N+1 chunks of activations.
/// </summary>
public sealed class DualPipe : ISchedule
{
    /// <inheritdoc/>
    public string Name => "dualpipe";

    /// <inheritdoc/>
    public string Summary => "two directions, forward and backward of opposite ones overlapped, every stage on two ranks";

    /// <inheritdoc/>
    public string Constraint => "ranks even and >= 2, micro-batches even and >= 2 x ranks";

    /// <inheritdoc/>
    public int StagesPerRank => 1;

    /// <inheritdoc/>
    public bool TakesStagesPerRank => false;

    /// <inheritdoc/>
    public int Directions => 2;

    /// <inheritdoc/>
    public string? Refuse(PipelineSize size)
    {
        var (ranks, microBatches, _) = size;
        if (ranks < 2)
        {
            return $"{Name} needs an even number of ranks, at least 2, not {ranks}: use 2";
        }

        if (ranks % 2 != 0)
        {
            return $"{Name} needs an even number of ranks, not {ranks}: use {ranks - 1} or {ranks + 1}";
        }

        if (microBatches < 2L * ranks)
        {
            return $"{Name} needs at least 2 micro-batches a rank, {2L * ranks} at {ranks} ranks, not {microBatches}: use {2L * ranks}";
        }

        return microBatches % 2 != 0
            ? $"{Name} needs an even number of micro-batches, not {microBatches}: use {microBatches - 1} or {microBatches + 1}"
            : SizeRules.RefuseStagesPerRank(this, size);
    }

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        var actions = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(size.Ranks);
        for (var rank = 0; rank < size.Ranks; rank++)
        {
            actions.Add(CreateRank(rank, size));
        }

        return new Timetable(Name, Placement.Mirrored(size.Ranks, size.MicroBatches), actions.MoveToImmutable());
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var half = size.Ranks / 2;
        var perDirection = size.MicroBatches / 2;
        var k = Math.Min(rank, size.Ranks - 1 - rank);
        var inSecondHalf = rank >= half;
        var near = new Lane(k, inSecondHalf ? perDirection : 0);
        var far = new Lane(size.Ranks - 1 - k, inSecondHalf ? 0 : perDirection);
        var toMiddle = half - k - 1;

        var program = new RankProgram(2 * size.MicroBatches);
        ForwardNear(program, near, 2 * toMiddle);
        ForwardNearThenFar(program, near, far, k + 1);
        BackwardInputWeightsForwardFar(program, far, toMiddle);
        OverlapBothWays(program, near, far, perDirection - size.Ranks + k + 1, isMiddle: toMiddle == 0);
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

    // The two middle ranks play their very first pair one after the other: the forward then leaves for the neighbour sooner.
    private static void OverlapBothWays(RankProgram program, Lane near, Lane far, int count, bool isMiddle)
    {
        for (var i = 0; i < count; i++)
        {
            if (i == 0 && isMiddle)
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
