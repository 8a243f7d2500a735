using System.Collections.Immutable;
using Actors.Schedules.Communication;
using Actors.Schedules.Formats;
using Actors.Schedules.Tests.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Communication;

/// <summary>Timetables with sends and receives.</summary>
internal static class CommunicationTimetables
{
    /// <summary>Those of the catalog and those that no generator would make, without communication.</summary>
    public static Gen<Timetable> Computations { get; } = Gen.OneOf(ActionGenerators.Timetable, RandomTimetables.Timetable);

    /// <summary>The same with communication.</summary>
    public static Gen<Timetable> All { get; } = Computations.Select(CommunicationPass.Add);

    /// <summary>Every schedule of the catalog in its small sizes, without communication.</summary>
    public static IEnumerable<Timetable> Catalog
        => from schedule in ScheduleCatalog.All
           from ranks in Enumerable.Range(1, 8)
           from microBatches in new[] { 1, 2, 3, 4, 5, 8, 12, 16, 20 }
           let size = new PipelineSize(ranks, microBatches)
           where schedule.Refuse(size) is null
           select schedule.Create(size);

    public static Timetable FromLines(params string[] lines) => TimetableText.Parse(string.Join('\n', lines));

    /// <summary>The timetable with the list of one rank changed.</summary>
    public static Timetable Edit(
        Timetable timetable, int rank, Func<ImmutableArray<StageAction>, ImmutableArray<StageAction>> edit)
    {
        var lists = Enumerable.Range(0, timetable.Ranks).Select(timetable.ActionsOf).ToArray();
        lists[rank] = edit(lists[rank]);
        return new Timetable(timetable.Schedule, timetable.Placement, [.. lists], timetable.ForwardOnly);
    }
}
