namespace Actors.Schedules.Generators;

/// <summary>
/// The rounds of interleaved schedules. A rank plays the micro-batches of a round on its first stage, then the same ones on its next
/// stage, and so on, before it turns to the next round. There are as many rounds as the ranks go into the micro-batches, at least one, and
/// all are of one length, at least the number of ranks (PyTorch's rule, which relaxes Megatron-LM's, where a round has exactly as many
/// micro-batches as there are ranks).
/// </summary>
internal static class InterleavedRounds
{
    public const string Constraint
        = "ranks >= 1, stages per rank >= 1, micro-batches divisible by their rounds: micro-batches / ranks, rounded down, at least 1";

    /// <summary>Micro-batches of a round, at a size that is not refused.</summary>
    public static int Length(PipelineSize size) => size.MicroBatches / Count(size.Ranks, size.MicroBatches);

    public static SizeRefusal? Refuse(ISchedule schedule, PipelineSize size)
    {
        if (SizeRules.RefuseCommon(schedule, size) is { } refusal)
        {
            return refusal;
        }

        var (ranks, microBatches, _) = size;
        return Fit(ranks, microBatches)
            ? null
            : new(
                SizePart.MicroBatches,
                $"{schedule.Name} plays {microBatches} micro-batches at {ranks} ranks in {Count(ranks, microBatches)} rounds, "
                + $"which do not divide them: use {Nearest(ranks, microBatches, -1)} or {Nearest(ranks, microBatches, 1)}");
    }

    private static int Count(int ranks, long microBatches) => (int)Math.Max(1, microBatches / ranks);

    private static bool Fit(int ranks, long microBatches) => microBatches % Count(ranks, microBatches) == 0;

    // Every multiple of the ranks fits, so neither way goes further than that.
    private static long Nearest(int ranks, long microBatches, int step)
    {
        do
        {
            microBatches += step;
        }
        while (!Fit(ranks, microBatches));
        return microBatches;
    }
}
