using System.Globalization;

namespace Actors.Schedules.Comparison;

/// <summary>One schedule of a comparison.</summary>
/// <param name="Name">Name of the schedule.</param>
/// <param name="Constraint">One line: for which sizes it exists.</param>
/// <param name="Refusal">
/// Why it does not exist at the size that was asked for: the broken rule and the nearest valid value, one line; null where it does.
/// </param>
/// <param name="Figures">
/// What it takes; where it is refused, what it takes at the nearest size at which it exists, and null where that is far away.
/// </param>
public sealed record ComparedSchedule(string Name, string Constraint, string? Refusal, ScheduleFigures? Figures)
{
    /// <summary>The most memory of activations that it was allowed, of one that is made for a limit; null of the others.</summary>
    public double? MemoryLimit { get; init; }

    /// <summary>The name, with the memory limit where it is made for one, such as <c>zb-search&lt;=16</c>.</summary>
    public string Label => MemoryLimit is { } limit && double.IsFinite(limit)
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}<={limit:0.###}")
        : Name;

    /// <summary>Whether it exists at the size that was asked for.</summary>
    public bool IsAsAsked => Refusal is null;
}
