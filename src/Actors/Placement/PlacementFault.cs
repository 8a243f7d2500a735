namespace Actors.Runtime.Placement;

/// <summary>A rule of placement that a plan breaks.</summary>
/// <param name="Part">What breaks it.</param>
/// <param name="Rule">The rule and the mend, one line without a full stop.</param>
public sealed record PlacementFault(PlacementPart Part, string Rule);
