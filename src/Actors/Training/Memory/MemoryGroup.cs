using System.Collections.Immutable;

namespace Actors.Runtime.Training.Memory;

/// <summary>Ranks, or domains, that take about the same.</summary>
/// <param name="AreDomains">Whether they are domains.</param>
/// <param name="Numbers">Their numbers, ascending.</param>
/// <param name="Each">What each takes at most.</param>
public sealed record MemoryGroup(bool AreDomains, ImmutableArray<int> Numbers, MemoryEstimate Each);
