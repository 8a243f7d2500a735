using System.Collections.Immutable;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Comparison;

/// <summary>What schedules are compared for.</summary>
/// <param name="Ranks">
/// Ranks of a schedule with one stage a rank, and so stages of the base cut: that for which costs are given, and of whose stages memory is
/// counted in units.
/// </param>
/// <param name="MicroBatches">Micro-batches of a step.</param>
public sealed record ComparisonRequest(int Ranks, int MicroBatches)
{
    /// <summary>Stages that a rank holds in one direction, for the schedules that leave it free; null leaves it to them.</summary>
    public int? StagesPerRank { get; init; }

    /// <summary>What is the same for all schedules besides the model; by default the stages.</summary>
    public EqualBy EqualBy { get; init; }

    /// <summary>What stages of the base cut and transfers take: stages [Ranks], or [1] for all of them. By default 1 for F, I and W each.</summary>
    public StepCosts Costs { get; init; } = ActionCosts.Balanced;

    /// <summary>What chunks and stages of the base cut take: [Ranks], or [1]. By default 1 each.</summary>
    public MemoryCosts Memory { get; init; } = MemoryCosts.Counted;

    /// <summary>
    /// The memory limits that <see cref="Search.ZeroBubbleSearch"/> gets, a row each; infinite is one too. By default the memory of ZB1P, and
    /// twice that, with which bubbles can vanish, where there are more micro-batches than ranks.
    /// </summary>
    public ImmutableArray<double> SearchLimits { get; init; } = [];
}
