using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// 1F1B: a rank runs as many forwards ahead as there are ranks behind it, then one forward and one full backward in turn, then the
/// remaining backwards. The order of actions is that of PyTorch's <c>Schedule1F1B</c>, with micro-batches numbered from 0 on every rank.
/// </summary>
public sealed class OneForwardOneBackward : ISchedule
{
    /// <inheritdoc/>
    public string Name => "1f1b";

    /// <inheritdoc/>
    public string Summary => "one forward and one full backward in turn, rank s holds stage s";

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
        return RunAheadSteps.WithFullBackwards(InterleavedLanes.OfOneStage(rank), size.MicroBatches, ahead);
    }
}
