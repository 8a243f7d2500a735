using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// Interleaved 1F1B (Narayanan et al. 2021, "Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM", section
/// 2.2): a rank holds V stages, N apart, so that a chunk is a V-th of what it is with 1F1B and so is the bubble, (N−1)(F+B) of a chunk's
/// costs where the ranks divide the micro-batches. The order of actions is that of PyTorch's <c>ScheduleInterleaved1F1B</c>: a rank runs
/// ahead by the forwards of a round on all stages but its last, and by two more for each rank behind it.
/// </summary>
public sealed class InterleavedOneForwardOneBackward : ISchedule
{
    /// <inheritdoc/>
    public string Name => "interleaved-1f1b";

    /// <inheritdoc/>
    public string Summary => "1F1B over several stages a rank, rank r holds stages r, r + ranks, ...";

    /// <inheritdoc/>
    public string Constraint => InterleavedRounds.Constraint;

    /// <inheritdoc/>
    public int StagesPerRank => 2;

    /// <inheritdoc/>
    public bool TakesStagesPerRank => true;

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size) => InterleavedRounds.Refuse(this, size);

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        var placement = Placement.Looped(size.Ranks, size.StagesPerRankOf(this), size.MicroBatches);
        return RankPrograms.ToTimetable(this, size, placement, CreateRank);
    }

    private ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var roundLength = InterleavedRounds.Length(size);
        var stages = size.StagesPerRankOf(this);
        var chunks = stages * size.MicroBatches;
        var lanes = new InterleavedLanes(rank, size.Ranks, stages, roundLength);
        var ahead = Math.Min(((stages - 1) * roundLength) + (2 * (size.Ranks - 1 - rank)), chunks);
        return RunAheadSteps.WithFullBackwards(lanes, chunks, ahead);
    }
}
