namespace Actors.Runtime.Training;

/// <summary>What a trace lacks because it did not fit.</summary>
/// <param name="Dropped">Events that were dropped, over all ranks.</param>
/// <param name="WholeSteps">Steps that every rank has traced whole.</param>
public readonly record struct TraceLoss(long Dropped, int WholeSteps)
{
    /// <summary>That of a run; call it while no step runs.</summary>
    /// <param name="host">The run, with a trace capacity above 0.</param>
    public static TraceLoss Of(TrainingHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        long dropped = 0;
        for (int rank = 0; rank < host.Plan.Ranks; rank++)
        {
            dropped += host.Trace(rank)?.Dropped ?? 0;
        }

        return new TraceLoss(dropped, TracedActions.WholeSteps(host));
    }
}
