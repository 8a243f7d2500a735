using System.Collections.Immutable;
using Actors.Schedules.Evaluation;

namespace Actors.Schedules.Search;

/// <summary>
/// The orders that are known without a search: those of the catalogue's schedules with one stage a rank, and of two of them with fewer
/// chunks in flight. That they are among the candidates is why a search is never worse than any of them.
/// </summary>
internal static class KnownOrders
{
    private static readonly ImmutableArray<ISchedule> Schedules =
        [ScheduleCatalog.OneForwardOneBackward, ScheduleCatalog.ZeroBubbleH1, ScheduleCatalog.GPipe];

    /// <summary>The fastest of those that fit, and whose order it is. There is one wherever a chunk fits on every rank.</summary>
    public static (ScheduleEvaluation Evaluation, string Origin) Best(SearchRequest request, StraightPipeline pipeline, string name)
    {
        (ScheduleEvaluation Evaluation, string Origin)? best = null;
        foreach (var (timetable, origin) in All(request, pipeline, name))
        {
            if (!Fits(timetable, request))
            {
                continue;
            }

            var evaluation = ScheduleEvaluation.Of(timetable, request.Costs, request.Memory);
            if (best is null || evaluation.Run.StepTime < best.Value.Evaluation.Run.StepTime)
            {
                best = (evaluation, origin);
            }
        }

        return best ?? throw new InvalidOperationException("No known order fits, not even one chunk after the other.");
    }

    private static IEnumerable<(Timetable Timetable, string Origin)> All(SearchRequest request, StraightPipeline pipeline, string name)
    {
        foreach (var schedule in Schedules)
        {
            var timetable = schedule.Create(new PipelineSize(request.Ranks, request.MicroBatches));
            yield return (Renamed(timetable, name), $"the order of {schedule.Name}");
        }

        yield return (FewerInFlight.OneForwardOneBackward(pipeline, name), "the order of 1f1b with fewer chunks in flight");
        yield return (FewerInFlight.ZeroBubbleH1(pipeline, name), "the order of zb1p with fewer chunks in flight");
    }

    private static bool Fits(Timetable timetable, SearchRequest request)
    {
        foreach (var rank in TimetableMemory.Of(timetable, request.Memory))
        {
            if (rank.PeakActivations > request.MemoryLimit * StraightPipeline.Rounding)
            {
                return false;
            }
        }

        return true;
    }

    private static Timetable Renamed(Timetable timetable, string name)
        => new(name, timetable.Placement, [.. Enumerable.Range(0, timetable.Ranks).Select(timetable.ActionsOf)]);
}
