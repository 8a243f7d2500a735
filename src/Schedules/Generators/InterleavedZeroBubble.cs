using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// Interleaved zero bubble: interleaved 1F1B with split backwards in the manner of ZB1P (Qi et al. 2023). A rank runs ahead by the forwards
/// of a round on all stages but its last, and by one more for each rank behind it; rank r owes up to r backwards for weights. The order
/// of actions is that of PyTorch's <c>ScheduleInterleavedZeroBubble</c>; with one stage a rank it is ZB1P.
/// </summary>
public sealed class InterleavedZeroBubble : ISchedule
{
    /// <inheritdoc/>
    public string Name => "interleaved-zero-bubble";

    /// <inheritdoc/>
    public string Summary => "ZB1P over several stages a rank, rank r holds stages r, r + ranks, ...";

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
        var ahead = Math.Min(((stages - 1) * roundLength) + (size.Ranks - 1 - rank), chunks);
        return RunAheadSteps.WithSplitBackwards(lanes, chunks, ahead, mayOwe: rank);
    }
}
