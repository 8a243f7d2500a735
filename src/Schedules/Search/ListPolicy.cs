namespace Actors.Schedules.Search;

/// <summary>How the list scheduler chooses between what a rank could do. All that a search tries are these.</summary>
internal sealed record ListPolicy
{
    /// <summary>Most chunks that a rank lets wait between F and I, at least 1: [ranks]. Memory may allow fewer.</summary>
    public required int[] MostInFlight { get; init; }

    /// <summary>Most backwards for weights that a rank owes before they come before forwards: [ranks].</summary>
    public required int[] MostOwed { get; init; }

    /// <summary>Share of a W that has to fit before the next input for the W to be put there. 0 fills any gap.</summary>
    public required double Gap { get; init; }

    /// <summary>Share of an F within which an I that is on its way makes the F wait. 0 never waits.</summary>
    public double Patience { get; init; }

    /// <summary>Whether F comes first where an I is ready too.</summary>
    public required bool PrefersForward { get; init; }

    /// <summary>
    /// A policy in proportion to times. A rank needs as many chunks in flight as the slowest rank works off while one goes to the last rank
    /// and back, and owes in the end as many W as fill the time that a gradient needs from it to rank 0.
    /// </summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="ahead">Multiple of those chunks; infinite for as many as memory allows.</param>
    /// <param name="owing">Multiple of those W; infinite for as many as memory allows.</param>
    /// <param name="gap">See <see cref="Gap"/>.</param>
    /// <param name="prefersForward">See <see cref="PrefersForward"/>.</param>
    public static ListPolicy InProportion(StraightPipeline pipeline, double ahead, double owing, double gap, bool prefersForward)
    {
        var slowest = 0.0;
        for (var rank = 0; rank < pipeline.Ranks; rank++)
        {
            slowest = Math.Max(slowest, WorkOf(pipeline, rank));
        }

        var inFlight = new int[pipeline.Ranks];
        var owed = new int[pipeline.Ranks];
        for (var rank = 0; rank < pipeline.Ranks; rank++)
        {
            ref readonly var costs = ref pipeline.CostsOf(rank);
            var turn = costs.Forward + pipeline.Turn[rank] + costs.BackwardInput;
            inFlight[rank] = Math.Max(1, Multiple(ahead, turn, slowest, pipeline.MostInFlight(rank)));
            owed[rank] = Math.Max(0, Multiple(owing, pipeline.Tail[rank], costs.BackwardWeights, pipeline.MicroBatches) - 1);
        }

        return new ListPolicy { MostInFlight = inFlight, MostOwed = owed, Gap = gap, PrefersForward = prefersForward };
    }

    /// <summary>The same with another number of chunks in flight on one rank.</summary>
    public ListPolicy WithInFlight(int rank, int count)
    {
        var inFlight = (int[])MostInFlight.Clone();
        inFlight[rank] = count;
        return this with { MostInFlight = inFlight };
    }

    private static double WorkOf(StraightPipeline pipeline, int rank)
    {
        ref readonly var costs = ref pipeline.CostsOf(rank);
        return costs.Forward + costs.BackwardInput + costs.BackwardWeights;
    }

    private static int Multiple(double times, double time, double unit, int most)
    {
        var count = Math.Ceiling(times * (time / unit) * (1 - 1e-9));
        return count < most ? (int)count : most;
    }
}
