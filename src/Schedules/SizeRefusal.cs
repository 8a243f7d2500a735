namespace Actors.Schedules;

/// <summary>Why a schedule does not exist at a size.</summary>
/// <param name="Part">What of the size breaks the rule.</param>
/// <param name="Rule">The broken rule and the nearest valid value, one line without a full stop.</param>
public sealed record SizeRefusal(SizePart Part, string Rule);
