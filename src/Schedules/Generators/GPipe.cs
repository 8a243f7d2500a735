using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// GPipe (Huang et al. 2019): a rank runs the forwards of all micro-batches, then all full backwards, both in the order of micro-batches,
/// as PyTorch's <c>ScheduleGPipe</c> does. Bubble (N−1)(F+B) on every rank; every rank holds the activations of all micro-batches.
/// </summary>
public sealed class GPipe : ISchedule
{
    /// <inheritdoc/>
    public string Name => "gpipe";

    /// <inheritdoc/>
    public string Summary => "all forwards, then all full backwards, rank s holds stage s";

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

    // All forwards are run ahead.
    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
        => RunAheadSteps.WithFullBackwards(InterleavedLanes.OfOneStage(rank), size.MicroBatches, ahead: size.MicroBatches);
}
