using System.Collections.Immutable;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Training.Results;

/// <summary>What a rank has traced.</summary>
/// <param name="Events">The events, in the order in which the stage was done with them.</param>
/// <param name="Dropped">Events that did not fit.</param>
public sealed record RankTrace(ImmutableArray<TraceEvent> Events, long Dropped);
