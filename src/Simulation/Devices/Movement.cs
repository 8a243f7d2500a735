namespace Actors.Simulation.Devices;

/// <summary>Movements of a link, by which a cost is told.</summary>
public enum Movement
{
    /// <summary>Collects rows for one destination: the slow hop of a dispatch.</summary>
    Gather,

    /// <summary>Spreads rows to their final places: the fast hop of a dispatch.</summary>
    Scatter,

    /// <summary>Sums rows: both hops of a combine, and gradients of several ranks.</summary>
    Sum,
}
