using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What a leader needs.</summary>
internal sealed record LeaderOptions
{
    /// <summary>The run that the processes' settings describe.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Whether a run that has begun goes on with a smaller plan where the devices of its processes do not suffice for its own.</summary>
    public bool IsElastic { get; init; }

    /// <summary>The process that the leader would run in; the others must have the same run and secret.</summary>
    public required ProcessIdentity Identity { get; init; }

    /// <summary>Knows the other processes.</summary>
    public required IClusterMembership Membership { get; init; }

    /// <summary>Opens the folder of a run, to which the cluster may have written before.</summary>
    public required Func<TrainRun, IClusterRun> OpenRun { get; init; }

    /// <summary>Processes that a run waits for before it is first placed.</summary>
    public required int Processes { get; init; }

    /// <summary>How long a run whose process was lost waits for a replacement before it goes on with those that are left.</summary>
    public required TimeSpan ReplacementTimeout { get; init; }

    /// <summary>How long a run waits for processes before it is placed on those that are there, or ends where they cannot take it.</summary>
    public required TimeSpan GatherTimeout { get; init; }

    /// <summary>A placement that does not stand after this long is given up.</summary>
    public required TimeSpan PlaceTimeout { get; init; }

    /// <summary>What serves beside training; null: nothing does.</summary>
    public ServingLeaderOptions? Serving { get; init; }

    /// <summary>Measures.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where the leader logs and counts.</summary>
    public required Telemetry Telemetry { get; init; }
}
