using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Search;

/// <summary>For what a timetable is sought.</summary>
/// <param name="Ranks">Number of pipeline ranks; rank s holds stage s.</param>
/// <param name="MicroBatches">Number of micro-batches of a step.</param>
public sealed record SearchRequest(int Ranks, int MicroBatches)
{
    private readonly double _memoryLimit = double.PositiveInfinity;

    /// <summary>What stages and transfers take: stages [Ranks], or [1] for all of them. By default 1 for F, I and W each.</summary>
    public StepCosts Costs { get; init; } = ActionCosts.Balanced;

    /// <summary>What the activations of a chunk take: [Ranks], or [1]. By default 1, so that chunks are counted.</summary>
    public MemoryCosts Memory { get; init; } = MemoryCosts.Counted;

    /// <summary>The most memory that activations may take on a rank, in the unit of <see cref="Memory"/>; infinite by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double MemoryLimit
    {
        get => _memoryLimit;
        init => _memoryLimit = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A memory limit is not negative.");
    }
}
