using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>Makes a timetable of one list a rank.</summary>
internal static class RankPrograms
{
    /// <param name="schedule">Whose timetable it is.</param>
    /// <param name="size">Its size, which the schedule accepts.</param>
    /// <param name="placement">Where the stages are.</param>
    /// <param name="createRank">The list of a rank.</param>
    public static Timetable ToTimetable(
        ISchedule schedule, PipelineSize size, Placement placement, Func<int, PipelineSize, ImmutableArray<StageAction>> createRank)
    {
        var actions = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(size.Ranks);
        for (var rank = 0; rank < size.Ranks; rank++)
        {
            actions.Add(createRank(rank, size));
        }

        return new Timetable(schedule.Name, placement, actions.MoveToImmutable());
    }
}
