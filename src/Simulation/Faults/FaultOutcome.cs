using System.Collections.Immutable;

namespace Actors.Simulation.Faults;

/// <summary>A history that broke no rule.</summary>
/// <param name="Seed">What repeats it.</param>
/// <param name="Trace">Depends on every turn: two histories with the same trace are the same.</param>
/// <param name="Turns">Turns and events.</param>
/// <param name="Faults">The faults that were injected, in order; planned ones that found nobody to meet are not among them.</param>
/// <param name="Placements">Placements of the run.</param>
/// <param name="StepsAgain">Steps that were trained more than once, counted each time.</param>
/// <param name="LongestRecovery">Longest time from the last step of a placement to the first of the next.</param>
/// <param name="Length">Virtual time from the caller's request to its end.</param>
/// <param name="Failure">How the run ended for its caller where it did not complete; null: it completed.</param>
public sealed record FaultOutcome(
    ulong Seed, ulong Trace, long Turns, ImmutableArray<FaultKind> Faults, int Placements, int StepsAgain, TimeSpan LongestRecovery, TimeSpan Length,
    string? Failure)
{
    /// <summary>What the history had beside training and faults.</summary>
    public HistoryParts Parts { get; init; }

    /// <summary>Prompts that got a reason in the place of an answer, or of its rest.</summary>
    public int PromptsRefused { get; init; }

    /// <summary>What happened, a line each, with virtual times in seconds.</summary>
    public ImmutableArray<string> Events { get; init; } = [];
}
