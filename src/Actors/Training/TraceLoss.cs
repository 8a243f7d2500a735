using Actors.Runtime.Training.Results;

namespace Actors.Runtime.Training;

/// <summary>What a trace lacks because it did not fit.</summary>
/// <param name="Dropped">Events that were dropped, over all ranks.</param>
/// <param name="WholeSteps">Steps that every rank has traced whole; where a step has several passes, passes.</param>
public readonly record struct TraceLoss(long Dropped, int WholeSteps)
{
    /// <summary>That of a run.</summary>
    /// <param name="trace">What the ranks have traced.</param>
    public static TraceLoss Of(RunTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        return new TraceLoss(trace.Ranks.Sum(rank => rank.Dropped), TracedActions.WholeSteps(trace));
    }
}
