using System.Collections.Immutable;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training.Results;

/// <summary>What the ranks of a run have traced.</summary>
/// <param name="Plan">Shape of the run.</param>
/// <param name="Ranks">The ranks, in order.</param>
public sealed record RunTrace(RunPlan Plan, ImmutableArray<RankTrace> Ranks);
