using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// DualPipeV (deepseek-ai/DualPipe, after the cut of Qi et al. 2024): DualPipe folded at the middle, so that half the ranks do. Rank r of N
/// holds stages r and 2N−1−r, all micro-batches enter at rank 0, go down the ranks and back up, and each rank plays the steps that rank r of
/// DualPipe's 2N plays. The order of actions is that of PyTorch's <c>ScheduleDualPipeV</c>. Peak: 2N+1 chunks of activations.
/// </summary>
public sealed class DualPipeV : ISchedule
{
    /// <inheritdoc/>
    public string Name => "dualpipev";

    /// <inheritdoc/>
    public string Summary => "DualPipe folded onto half the ranks, rank r holds stages r and 2 x ranks - 1 - r";

    /// <inheritdoc/>
    public string Constraint => "ranks >= 1, micro-batches >= 2 x ranks";

    /// <inheritdoc/>
    public int StagesPerRank => 2;

    /// <inheritdoc/>
    public bool OverlapsPairs => true;

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size)
    {
        var (ranks, microBatches, _) = size;
        if (ranks >= 1 && microBatches < 2L * ranks)
        {
            return new(SizePart.MicroBatches, $"{Name} needs as many micro-batches as stages, {2L * ranks} at {ranks} ranks, not {microBatches}: use {2L * ranks}");
        }

        return SizeRules.RefuseCommon(this, size);
    }

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        return RankPrograms.ToTimetable(this, size, Placement.Vee(size.Ranks, size.MicroBatches), CreateRank);
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var near = new Lane(rank, firstMicroBatch: 0);
        var far = new Lane((2 * size.Ranks) - 1 - rank, firstMicroBatch: 0);
        return DualPipeSteps.CreateRank(near, far, size.MicroBatches, k: rank, toMiddle: size.Ranks - 1 - rank);
    }
}
