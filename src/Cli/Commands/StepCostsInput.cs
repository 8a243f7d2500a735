using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary>Costs as the user gave them.</summary>
/// <param name="Costs">The costs.</param>
/// <param name="Unit">Unit of time, empty where the user knows it alone.</param>
/// <param name="Note">Where they come from, one line; null where the user wrote them.</param>
internal sealed record StepCostsInput(StepCosts Costs, string Unit, string? Note);
