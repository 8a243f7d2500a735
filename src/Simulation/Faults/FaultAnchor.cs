namespace Actors.Simulation.Faults;

/// <summary>What a fault waits for, so that it meets a run wherever it stands.</summary>
internal enum FaultAnchor
{
    /// <summary>A step has ended for the n-th time.</summary>
    Step,

    /// <summary>A placement is ordered for the n-th time.</summary>
    Placement,

    /// <summary>A checkpoint is begun for the n-th time.</summary>
    Checkpoint,

    /// <summary>The fault before was injected.</summary>
    Fault,
}
