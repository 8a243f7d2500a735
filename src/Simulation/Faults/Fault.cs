namespace Actors.Simulation.Faults;

/// <summary>A fault of a plan.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Anchor">What it waits for.</param>
/// <param name="Number">Which of these, from 1; not for <see cref="FaultAnchor.Fault"/>.</param>
/// <param name="Delay">Ticks after that.</param>
/// <param name="Duration">Ticks until it is over, where it has an end.</param>
/// <param name="Victim">Decides whom it meets among those that it could.</param>
/// <param name="Replacement">Ticks until a process joins in the place of one that has ended; null: none does.</param>
internal sealed record Fault(FaultKind Kind, FaultAnchor Anchor, int Number, long Delay, long Duration, int Victim, long? Replacement);
