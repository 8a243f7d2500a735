using System.Collections.Immutable;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Search;

namespace Actors.Schedules.Comparison;

/// <summary>
/// All schedules that train, and what a search finds, side by side, for one model and one number of micro-batches. The model stays whole: where a schedule cuts it
/// into other than the stages that costs are given for, each of its stages takes its even share. With two directions every stage lives on
/// two ranks, so that parameters count twice.
/// </summary>
public sealed class ScheduleComparison
{
    private ScheduleComparison(ComparisonRequest request, ImmutableArray<ComparedSchedule> schedules)
    {
        Request = request;
        Schedules = schedules;
    }

    /// <summary>What was compared.</summary>
    public ComparisonRequest Request { get; }

    /// <summary>The schedules, in the order of the catalogue, and after them what was searched.</summary>
    public ImmutableArray<ComparedSchedule> Schedules { get; }

    /// <summary>Compares. Linear in actions, but for the search, which takes its second.</summary>
    /// <exception cref="ArgumentException">There is no rank or no micro-batch, or costs are those of another number of stages.</exception>
    public static ScheduleComparison Of(ComparisonRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.Ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.MicroBatches);
        var schedules = ImmutableArray.CreateBuilder<ComparedSchedule>();
        foreach (var schedule in ScheduleCatalog.All)
        {
            if (schedule != ScheduleCatalog.ForwardOnly)
            {
                schedules.Add(Compare(schedule, request));
            }
        }

        foreach (var limit in request.SearchLimits.IsDefaultOrEmpty ? LimitsOf(schedules, request) : request.SearchLimits)
        {
            schedules.Add(Search(request, limit));
        }

        return new ScheduleComparison(request, schedules.DrainToImmutable());
    }

    /// <summary>The schedules in an order; those that do not exist at the size that was asked for come last.</summary>
    public ImmutableArray<ComparedSchedule> In(ComparisonOrder order) => order switch
    {
        ComparisonOrder.Catalog => Schedules,
        ComparisonOrder.Time => SortedBy(figures => figures.RankTime),
        ComparisonOrder.Memory => SortedBy(figures => figures.PeakActivations),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, null),
    };

    private ImmutableArray<ComparedSchedule> SortedBy(Func<ScheduleFigures, double> key)
        => [.. Schedules.OrderBy(row => row.IsAsAsked ? 0 : row.Figures is null ? 2 : 1).ThenBy(row => row.Figures is null ? 0 : key(row.Figures))];

    private static ComparedSchedule Compare(ISchedule schedule, ComparisonRequest request)
    {
        var perRank = schedule.TakesStagesPerRank ? request.StagesPerRank : null;
        var size = new PipelineSize(RanksOf(schedule, request), request.MicroBatches, perRank);
        var refusal = schedule.Refuse(size)?.Rule ?? RefuseStages(schedule, request);
        PipelineSize? played = refusal is null ? size : NearestSize.Find(schedule, size);
        return new ComparedSchedule(
            schedule.Name, schedule.Constraint, refusal, played is { } valid ? Figures(schedule.Create(valid), request) : null);
    }

    private static ImmutableArray<double> LimitsOf(IEnumerable<ComparedSchedule> schedules, ComparisonRequest request)
    {
        var memory = schedules.Single(schedule => schedule.Name == ScheduleCatalog.ZeroBubbleH1.Name).Figures!.PeakActivations;
        return request.MicroBatches > request.Ranks ? [memory, 2 * memory] : [memory];
    }

    private static ComparedSchedule Search(ComparisonRequest request, double limit)
    {
        var wanted = new SearchRequest(request.Ranks, request.MicroBatches)
        {
            Costs = request.Costs,
            Memory = request.Memory,
            MemoryLimit = limit,
        };
        var refusal = ZeroBubbleSearch.Refuse(wanted);
        var figures = refusal is null ? ScheduleFigures.Of(ZeroBubbleSearch.Find(wanted).Evaluation) : null;
        return new ComparedSchedule(ZeroBubbleSearch.Name, ZeroBubbleSearch.Constraint, refusal, figures) { MemoryLimit = limit };
    }

    // Where the stages are given and do not divide, the nearest number of ranks; half-way the larger, so that memory suffices.
    private static int RanksOf(ISchedule schedule, ComparisonRequest request)
    {
        var perRank = StagesPerRank(schedule, request);
        return request.EqualBy == EqualBy.Ranks || perRank < 1
            ? request.Ranks
            : (int)Math.Max(1, (request.Ranks + (perRank / 2L)) / perRank);
    }

    private static string? RefuseStages(ISchedule schedule, ComparisonRequest request)
    {
        var perRank = StagesPerRank(schedule, request);
        if (request.EqualBy == EqualBy.Ranks || request.Ranks % perRank == 0)
        {
            return null;
        }

        var (below, above) = (request.Ranks - (request.Ranks % perRank), (long)request.Ranks - (request.Ranks % perRank) + perRank);
        return $"{schedule.Name} puts {perRank} stages on a rank, which do not divide {request.Ranks} stages: use {(below > 0 ? $"{below} or " : "")}{above}";
    }

    private static int StagesPerRank(ISchedule schedule, ComparisonRequest request)
        => schedule.TakesStagesPerRank ? request.StagesPerRank ?? schedule.StagesPerRank : schedule.StagesPerRank;

    private static ScheduleFigures Figures(Timetable timetable, ComparisonRequest request)
        => ScheduleFigures.Of(ScheduleEvaluation.Of(
            timetable,
            ModelCut.Of(request.Costs, request.Ranks, timetable.Stages),
            ModelCut.Of(request.Memory, request.Ranks, timetable.Stages)));
}
