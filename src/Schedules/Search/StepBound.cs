namespace Actors.Schedules.Search;

/// <summary>
/// A time that no timetable of a straight pipeline is faster than, the largest of what each rank alone makes unavoidable. It
/// holds for split and for full backwards, not for overlapped pairs.
/// </summary>
internal static class StepBound
{
    public static double Of(StraightPipeline pipeline)
    {
        var bound = 0.0;
        for (var rank = 0; rank < pipeline.Ranks; rank++)
        {
            bound = Math.Max(bound, Work(pipeline, rank));
            bound = Math.Max(bound, InFlight(pipeline, rank));
            bound = Math.Max(bound, Held(pipeline, rank));
            bound = Math.Max(bound, Area(pipeline, rank));
        }

        return bound;
    }

    // A rank starts when the first micro-batch reaches it and then has all its work. After its last I the micro-batch still has to go back to
    // rank 0; of the rank's work only the weights that it owes can lie in that time, and memory limits those.
    private static double Work(StraightPipeline pipeline, int rank)
    {
        ref readonly var costs = ref pipeline.CostsOf(rank);
        var work = pipeline.MicroBatches * (costs.Forward + pipeline.BackwardOf(rank));
        var inTail = pipeline.MostHeld(rank) * (pipeline.BackwardOf(rank) - pipeline.InputOf(rank));
        return pipeline.Head[rank] + work + Math.Max(0, pipeline.Tail[rank] - inTail);
    }

    // From F to I a chunk needs its whole memory, for as long as it takes to the last rank and back. So no more than fit are in flight at
    // once, and the next go one after the other.
    private static double InFlight(StraightPipeline pipeline, int rank)
        => pipeline.Head[rank] + (Rounds(pipeline, pipeline.MostInFlight(rank)) * ToInput(pipeline, rank)) + pipeline.Tail[rank];

    // Likewise from F to W, where the chunks that are past their I need less memory.
    private static double Held(StraightPipeline pipeline, int rank)
    {
        var whole = ToInput(pipeline, rank) - pipeline.InputOf(rank) + pipeline.BackwardOf(rank);
        return pipeline.Head[rank] + (Rounds(pipeline, pipeline.MostHeld(rank)) * whole);
    }

    // Memory times time: what all chunks need of it fits into what there is.
    private static double Area(StraightPipeline pipeline, int rank)
    {
        ref readonly var costs = ref pipeline.CostsOf(rank);
        var backward = Math.Min(costs.BackwardInput + (pipeline.KeptForWeights * costs.BackwardWeights), costs.Backward);
        var chunk = ToInput(pipeline, rank) - pipeline.InputOf(rank) + backward;
        return pipeline.Head[rank] + (pipeline.MicroBatches * chunk / pipeline.CapacityOf(rank));
    }

    private static double ToInput(StraightPipeline pipeline, int rank)
        => pipeline.CostsOf(rank).Forward + pipeline.Turn[rank] + pipeline.InputOf(rank);

    private static double Rounds(StraightPipeline pipeline, int atOnce) => Math.Ceiling((double)pipeline.MicroBatches / atOnce);
}
