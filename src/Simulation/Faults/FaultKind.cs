namespace Actors.Simulation.Faults;

/// <summary>What a fault plan may do to a cluster.</summary>
public enum FaultKind
{
    /// <summary>A process that does not lead ends at once, as by SIGKILL.</summary>
    WorkerCrash,

    /// <summary>The leader's process ends at once.</summary>
    LeaderCrash,

    /// <summary>A link between two living processes breaks.</summary>
    LinkCut,

    /// <summary>A minority without the leader and the rest do not reach each other for a while.</summary>
    Partition,

    /// <summary>The leader's process and the rest do not reach each other for a while: others may take it for dead while it leads on.</summary>
    LeaderPartition,

    /// <summary>A process that does not lead stands still for a while, as by SIGSTOP.</summary>
    Pause,

    /// <summary>The leader's process stands still for a while; when it goes on it may find another leader.</summary>
    LeaderPause,

    /// <summary>The disk of the checkpoints takes nothing for a while.</summary>
    DiskFull,

    /// <summary>All links and messages take much longer for a while.</summary>
    SlowLinks,

    /// <summary>A process that does not lead leaves in good order, as by SIGTERM.</summary>
    WorkerLeave,

    /// <summary>The leader's process leaves in good order.</summary>
    LeaderLeave,
}
