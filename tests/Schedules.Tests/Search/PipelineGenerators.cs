using Actors.Schedules.Evaluation;
using Actors.Schedules.Search;
using Actors.Schedules.Tests.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Search;

/// <summary>Random searches: any costs and links, chunks of unequal memory, limits from one chunk to more than all.</summary>
internal static class PipelineGenerators
{
    public static Gen<SearchRequest> Requests { get; } =
        from ranks in Gen.Choose(1, 7)
        from microBatches in Gen.Choose(1, 16)
        from costs in CostGenerators.For(ranks)
        from isCounted in Gen.Elements(true, false)
        from activations in Gen.Choose(isCounted ? 7 : 0, isCounted ? 7 : 20).Select(n => n / 7.0).ListOf(ranks)
        from kept in Gen.Elements(1, 1, 0.5, 0.25, 0)
        from room in Gen.Frequency((1, Gen.Constant(double.PositiveInfinity)), (9, Gen.Choose(0, 4 * ranks).Select(n => n / 2.0)))
        select new SearchRequest(ranks, microBatches)
        {
            Costs = costs,
            Memory = new MemoryCosts { Activations = [.. activations], KeptForWeights = kept },
            MemoryLimit = double.IsInfinity(room) ? room : activations.Max() * (1 + room),
        };

    /// <summary>Whether a timetable keeps a request's limit, but for rounding.</summary>
    public static bool Fits(Timetable timetable, SearchRequest request)
        => TimetableMemory.Of(timetable, request.Memory).All(rank => rank.PeakActivations <= request.MemoryLimit * (1 + 1e-9));
}
