using Actors.Schedules.Evaluation;

namespace Actors.Schedules.Search;

/// <summary>
/// <c>zb-search</c>: makes a timetable for given costs and memory, in the spirit of the automatic schedules of Qi et al. 2023 ("Zero Bubble
/// Pipeline Parallelism", section 3): one stage a rank, backwards split, a list scheduler that tries several policies. As the orders of
/// 1F1B, ZB1P and GPipe are among what it chooses from, it is never slower than any of them that fits the same memory. It is no
/// <see cref="ISchedule"/>, since it needs the costs.
/// </summary>
public static class ZeroBubbleSearch
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "zb-search";

    /// <summary>One line for people: what it does.</summary>
    public const string Summary = "split backwards ordered for the given costs and memory, never slower than 1f1b, zb1p or gpipe, rank s holds stage s";

    /// <summary>One line for people: for which sizes it works.</summary>
    public const string Constraint = "ranks >= 1, micro-batches >= 1, memory >= 1 chunk";

    /// <summary>Why there is nothing to be found: the broken rule and the nearest valid value, one line; null where there is.</summary>
    public static string? Refuse(SearchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Ranks < 1)
        {
            return $"{Name} needs at least 1 rank, not {request.Ranks}: use 1";
        }

        return request.MicroBatches < 1
            ? $"{Name} needs at least 1 micro-batch, not {request.MicroBatches}: use 1"
            : RefuseMemory(request);
    }

    /// <summary>
    /// Finds a timetable. The same request always gives the same. Linear in actions; a number of them is played that does not depend on
    /// the request, or one step where it has more.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There is none, and the message is that of <see cref="Refuse"/>; or costs are those of another number of stages.
    /// </exception>
    public static SearchResult Find(SearchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireStages(request.Costs.Stages.Length, request.Ranks, "costs");
        RequireStages(request.Memory.Activations.Length, request.Ranks, "memory");
        if (Refuse(request) is { } refusal)
        {
            throw new ArgumentException(refusal);
        }

        var pipeline = new StraightPipeline(request);
        var bound = StepBound.Of(pipeline);
        var (known, origin) = KnownOrders.Best(request, pipeline, Name);
        if (PolicySearch.Find(pipeline, bound, known.Run.StepTime, Name) is not { } found)
        {
            return new SearchResult(known, origin, bound);
        }

        var evaluation = ScheduleEvaluation.Of(found, request.Costs, request.Memory);
        return evaluation.Run.StepTime < known.Run.StepTime
            ? new SearchResult(evaluation, "an order made for these costs", bound)
            : new SearchResult(known, origin, bound);
    }

    private static string? RefuseMemory(SearchRequest request)
    {
        var (largest, at) = (0.0, 0);
        for (var stage = 0; stage < request.Memory.Activations.Length; stage++)
        {
            if (request.Memory.Activations[stage] > largest)
            {
                (largest, at) = (request.Memory.Activations[stage], stage);
            }
        }

        return request.MemoryLimit < largest
            ? FormattableString.Invariant(
                $"{Name} needs memory for one chunk on every rank, {largest:0.###} on rank {at}, not {request.MemoryLimit:0.###}: use {largest:0.###}")
            : null;
    }

    private static void RequireStages(int given, int stages, string what)
    {
        if (given != 1 && given != stages)
        {
            throw new ArgumentException($"the pipeline has {stages} stages, and {what} of {given} are given: give as many");
        }
    }
}
