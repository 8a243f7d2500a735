namespace Actors.Schedules;

/// <summary>What a schedule is made for.</summary>
/// <param name="Ranks">Number of pipeline ranks.</param>
/// <param name="MicroBatches">Number of micro-batches of a step, over all directions.</param>
/// <param name="StagesPerRank">
/// Number of stages that a rank holds in one direction; null leaves it to the schedule (<see cref="ISchedule.StagesPerRank"/>).
/// </param>
public readonly record struct PipelineSize(int Ranks, int MicroBatches, int? StagesPerRank = null)
{
    /// <summary>Number of stages that a rank holds in one direction when a schedule is made for this size.</summary>
    public int StagesPerRankOf(ISchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return StagesPerRank ?? schedule.StagesPerRank;
    }
}
