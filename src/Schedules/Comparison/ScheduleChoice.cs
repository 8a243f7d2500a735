using System.Collections.Immutable;
using System.Globalization;

namespace Actors.Schedules.Comparison;

/// <summary>
/// Which schedule to take on the ranks that there are: of those that fit the limits the one with the least step time, of equal times the one
/// with less memory of activations, then with less of parameters, then the plainer. <see cref="Search.ZeroBubbleSearch"/> is one of them,
/// made for the memory limit.
/// </summary>
public sealed class ScheduleChoice
{
    // Limits are reached by sums in other orders than the one in which they were written.
    private const double Rounding = 1 + 1e-9;

    private ScheduleChoice(ComparisonRequest request, ImmutableArray<ComparedSchedule> fitting, ImmutableArray<RejectedSchedule> rejected, string? mend)
    {
        Request = request;
        Fitting = fitting;
        Rejected = rejected;
        Mend = mend;
    }

    /// <summary>For what it was chosen: equal ranks.</summary>
    public ComparisonRequest Request { get; }

    /// <summary>The schedules that fit, best first.</summary>
    public ImmutableArray<ComparedSchedule> Fitting { get; }

    /// <summary>The others, in the order of the catalogue, with what each lacks.</summary>
    public ImmutableArray<RejectedSchedule> Rejected { get; }

    /// <summary>The schedule to take; null where none fits.</summary>
    public ComparedSchedule? Best => Fitting.FirstOrDefault();

    /// <summary>The next best; null where there is none.</summary>
    public ComparedSchedule? RunnerUp => Fitting.ElementAtOrDefault(1);

    /// <summary>Where none fits, which least limit would do and for which schedule: one line. Null where one fits.</summary>
    public string? Mend { get; }

    /// <summary>Chooses. Schedules that do not exist at just that size are not taken.</summary>
    /// <param name="request">For what; compared at equal ranks, whatever it says, and searched at the memory limit.</param>
    /// <param name="limits">What has to be kept.</param>
    /// <exception cref="ArgumentException">There is no rank or no micro-batch, or costs are those of another number of stages.</exception>
    public static ScheduleChoice Of(ComparisonRequest request, ScheduleLimits limits)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(limits);
        request = request with { EqualBy = EqualBy.Ranks, SearchLimits = [limits.Memory] };
        var fitting = new List<ComparedSchedule>();
        var rejected = ImmutableArray.CreateBuilder<RejectedSchedule>();
        foreach (var schedule in ScheduleComparison.Of(request).Schedules)
        {
            if (LackOf(schedule, limits) is { } lack)
            {
                rejected.Add(new RejectedSchedule(schedule, lack));
            }
            else
            {
                fitting.Add(schedule);
            }
        }

        return new ScheduleChoice(
            request,
            [.. fitting.OrderBy(TimeOf).ThenBy(MemoryOf).ThenBy(ParametersOf)],
            rejected.DrainToImmutable(),
            fitting.Count > 0 ? null : MendOf(request, limits));
    }

    private static string? LackOf(ComparedSchedule schedule, ScheduleLimits limits)
    {
        if (schedule.Refusal is not null)
        {
            return schedule.Refusal;
        }

        return Exceeds("activations", MemoryOf(schedule), limits.Memory)
            ?? Exceeds("parameters", ParametersOf(schedule), limits.Parameters);
    }

    private static string? Exceeds(string what, double taken, double limit)
        => taken > limit * Rounding ? string.Create(CultureInfo.InvariantCulture, $"{what} {taken:0.###} on a rank, above {limit:0.###}") : null;

    // Parameters are given by the placement; memory of one chunk is enough for a search.
    private static string MendOf(ComparisonRequest request, ScheduleLimits limits)
    {
        var comparison = ScheduleComparison.Of(request with { SearchLimits = [Math.Max(limits.Memory, request.Memory.Activations.Max())] });
        var nearest = comparison.Schedules.Where(schedule => schedule.IsAsAsked)
            .OrderBy(schedule => Math.Max(ParametersOf(schedule), limits.Parameters * Rounding)).ThenBy(MemoryOf).First();
        var needs = new List<string>();
        if (MemoryOf(nearest) > limits.Memory * Rounding)
        {
            needs.Add(string.Create(CultureInfo.InvariantCulture, $"memory {MemoryOf(nearest):0.###}"));
        }

        if (ParametersOf(nearest) > limits.Parameters * Rounding)
        {
            needs.Add(string.Create(CultureInfo.InvariantCulture, $"parameters {ParametersOf(nearest):0.###}"));
        }

        return $"{nearest.Name} would with {string.Join(" and ", needs)}";
    }

    private static double TimeOf(ComparedSchedule schedule) => schedule.Figures!.StepTime;

    private static double MemoryOf(ComparedSchedule schedule) => schedule.Figures!.PeakActivations;

    private static double ParametersOf(ComparedSchedule schedule) => schedule.Figures!.Parameters;
}
