namespace Actors.Runtime.Training.Memory;

/// <summary>For which routing memory is estimated that depends on it, and on which rank is ahead.</summary>
public enum RoutingLoad
{
    /// <summary>Each expert is chosen equally often, and no rank is late.</summary>
    Balanced,

    /// <summary>What the first steps of an untrained gate take; a run that has no room for it is refused.</summary>
    Expected,

    /// <summary>All tokens choose the experts of one rank, and ranks are as late as the protocol lets them be.</summary>
    Most,
}
