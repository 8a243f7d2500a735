using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// ZB1P, the handcrafted schedule ZB-H1 of "Zero Bubble Pipeline Parallelism" (Qi et al. 2023, section 2.2): 1F1B whose backwards are
/// split, so that the gradient for the input goes on to the previous rank at once. Rank r owes up to r backwards for weights and pays them
/// where 1F1B would wait at the end. Every rank then holds at most N chunks of activations, which is 1F1B's peak over all ranks.
/// </summary>
public sealed class ZeroBubbleH1 : ISchedule
{
    /// <inheritdoc/>
    public string Name => "zb1p";

    /// <inheritdoc/>
    public string Summary => "1F1B with split backwards (ZB-H1), those for weights fill the end, rank s holds stage s";

    /// <inheritdoc/>
    public string Constraint => "ranks >= 1, micro-batches >= 1";

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size) => SizeRules.RefuseCommon(this, size);

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        return RankPrograms.ToTimetable(this, size, Placement.Straight(size.Ranks, size.MicroBatches), CreateRank);
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var ahead = Math.Min(size.Ranks - 1 - rank, size.MicroBatches);
        return RunAheadSteps.WithSplitBackwards(InterleavedLanes.OfOneStage(rank), size.MicroBatches, ahead, mayOwe: rank);
    }
}
