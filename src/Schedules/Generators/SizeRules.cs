namespace Actors.Schedules.Generators;

/// <summary>Rules on sizes that several schedules share.</summary>
internal static class SizeRules
{
    /// <summary>A schedule needs a rank, a micro-batch, and as many stages per rank as it can place.</summary>
    public static SizeRefusal? RefuseCommon(ISchedule schedule, PipelineSize size)
    {
        if (size.Ranks < 1)
        {
            return new(SizePart.Ranks, $"{schedule.Name} needs at least 1 rank, not {size.Ranks}: use 1");
        }

        return size.MicroBatches < 1
            ? new(SizePart.MicroBatches, $"{schedule.Name} needs at least 1 micro-batch, not {size.MicroBatches}: use 1")
            : RefuseStagesPerRank(schedule, size);
    }

    /// <summary>A schedule of two mirrored directions needs an even number of ranks.</summary>
    public static SizeRefusal? RefuseOddRanks(ISchedule schedule, int ranks)
    {
        if (ranks < 2)
        {
            return new(SizePart.Ranks, $"{schedule.Name} needs an even number of ranks, at least 2, not {ranks}: use 2");
        }

        return ranks % 2 != 0
            ? new(SizePart.Ranks, $"{schedule.Name} needs an even number of ranks, not {ranks}: use {ranks - 1} or {ranks + 1L}")
            : null;
    }

    /// <summary>A schedule with its own number of stages per rank takes no other; one that takes any needs at least 1.</summary>
    public static SizeRefusal? RefuseStagesPerRank(ISchedule schedule, PipelineSize size)
    {
        if (size.StagesPerRank is not { } stagesPerRank || stagesPerRank == schedule.StagesPerRank)
        {
            return null;
        }

        if (!schedule.TakesStagesPerRank)
        {
            var stages = schedule.StagesPerRank == 1 ? "1 stage" : $"{schedule.StagesPerRank} stages";
            var directions = schedule.Directions == 1 ? "" : " in each direction";
            return new(SizePart.StagesPerRank, $"{schedule.Name} holds {stages} a rank{directions}, not {stagesPerRank}: use {schedule.StagesPerRank}");
        }

        return stagesPerRank < 1
            ? new(SizePart.StagesPerRank, $"{schedule.Name} needs at least 1 stage a rank, not {stagesPerRank}: use 1")
            : null;
    }

    public static void ThrowIf(SizeRefusal? refusal)
    {
        if (refusal is not null)
        {
            throw new ArgumentException(refusal.Rule);
        }
    }
}
