using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>Forwards only, for evaluation: each micro-batch passes the stages, nothing is kept for a backward.</summary>
public sealed class ForwardOnly : ISchedule
{
    /// <inheritdoc/>
    public string Name => "forward";

    /// <inheritdoc/>
    public string Summary => "forwards only, for evaluation, rank s holds stage s";

    /// <inheritdoc/>
    public string Constraint => "ranks >= 1, micro-batches >= 1";

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size) => SizeRules.RefuseCommon(this, size);

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        return Create(Placement.Straight(size.Ranks, size.MicroBatches));
    }

    /// <summary>
    /// Makes the timetable for any placement, so that a model placed for training is evaluated where it stands. The chunk of the i-th
    /// micro-batch of a direction at stage s belongs to wave i + s; every rank plays its chunks by wave. A chunk's input comes from an
    /// earlier wave, so no rank can wait for another that waits for it.
    /// </summary>
    public static Timetable Create(Placement placement)
    {
        ArgumentNullException.ThrowIfNull(placement);
        var microBatches = MicroBatchesByDirection(placement);
        var actions = new ImmutableArray<StageAction>.Builder[placement.Ranks];
        for (var rank = 0; rank < placement.Ranks; rank++)
        {
            actions[rank] = ImmutableArray.CreateBuilder<StageAction>();
        }

        for (var wave = 0; wave < placement.MicroBatches + placement.Stages - 1; wave++)
        {
            foreach (var ofDirection in microBatches)
            {
                AddWave(wave, ofDirection, placement, actions);
            }
        }

        var lists = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(placement.Ranks);
        foreach (var list in actions)
        {
            lists.Add(list.DrainToImmutable());
        }

        return new Timetable("forward", placement, lists.MoveToImmutable(), forwardOnly: true);
    }

    private static void AddWave(int wave, List<int> microBatches, Placement placement, ImmutableArray<StageAction>.Builder[] actions)
    {
        var last = Math.Min(wave, placement.Stages - 1);
        for (var stage = Math.Max(0, wave - microBatches.Count + 1); stage <= last; stage++)
        {
            var microBatch = microBatches[wave - stage];
            actions[placement.RankOf(stage, microBatch)].Add(StageAction.Forward(stage, microBatch));
        }
    }

    private static List<int>[] MicroBatchesByDirection(Placement placement)
    {
        var lists = new List<int>[placement.Directions];
        for (var direction = 0; direction < lists.Length; direction++)
        {
            lists[direction] = [];
        }

        for (var microBatch = 0; microBatch < placement.MicroBatches; microBatch++)
        {
            lists[placement.DirectionOf(microBatch)].Add(microBatch);
        }

        return lists;
    }
}
