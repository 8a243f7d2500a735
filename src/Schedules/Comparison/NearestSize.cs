namespace Actors.Schedules.Comparison;

/// <summary>Looks round a size for the nearest one at which a schedule exists.</summary>
internal static class NearestSize
{
    /// <summary>Micro-batches that are tried to each side at most; all rules are met within twice the ranks.</summary>
    private const int MostMicroBatchesAside = 4096;

    /// <summary>More chunks than this are not worth their time for a size that nobody asked for.</summary>
    private const long MostChunks = 1 << 22;

    /// <summary>
    /// The nearest size: the ranks change only where no number of micro-batches helps, and then by one,
    /// sooner to fewer; of two numbers of
    /// micro-batches as near, the larger, which has the smaller bubble. Null where there is none nearby.
    /// </summary>
    public static PipelineSize? Find(ISchedule schedule, PipelineSize size)
    {
        foreach (var ranks in (ReadOnlySpan<int>)[size.Ranks, size.Ranks - 1, size.Ranks + 1])
        {
            if (FindMicroBatches(schedule, size with { Ranks = ranks }) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static PipelineSize? FindMicroBatches(ISchedule schedule, PipelineSize size)
    {
        var most = Math.Min(MostMicroBatchesAside, 2L * size.Ranks);
        for (var aside = 0; aside <= most; aside++)
        {
            if (Accepts(schedule, size with { MicroBatches = size.MicroBatches + aside }) is { } more)
            {
                return more;
            }

            if (Accepts(schedule, size with { MicroBatches = size.MicroBatches - aside }) is { } fewer)
            {
                return fewer;
            }
        }

        return null;
    }

    private static PipelineSize? Accepts(ISchedule schedule, PipelineSize size)
    {
        var isSmall = (long)size.Ranks * size.MicroBatches * size.StagesPerRankOf(schedule) <= MostChunks;
        return isSmall && schedule.Refuse(size) is null ? size : null;
    }
}
