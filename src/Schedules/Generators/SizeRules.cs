namespace Actors.Schedules.Generators;

/// <summary>Rules on sizes that several schedules share.</summary>
internal static class SizeRules
{
    public static string? RefuseEmpty(string schedule, PipelineSize size)
    {
        if (size.Ranks < 1)
        {
            return $"{schedule} needs at least 1 rank, not {size.Ranks}: use 1";
        }

        return size.MicroBatches < 1 ? $"{schedule} needs at least 1 micro-batch, not {size.MicroBatches}: use 1" : null;
    }

    public static void ThrowIf(string? refusal)
    {
        if (refusal is not null)
        {
            throw new ArgumentException(refusal);
        }
    }
}
