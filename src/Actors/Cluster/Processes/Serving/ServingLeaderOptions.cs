using Actors.Runtime.Diagnostics;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>What the leader of serving needs.</summary>
/// <param name="Serving">What its process brings.</param>
/// <param name="Identity">The process that it would run in, as it serves; the others must have the same settings and secret.</param>
/// <param name="Membership">Knows the processes.</param>
/// <param name="PlaceTimeout">A placement that does not stand after this long is given up.</param>
/// <param name="ReplacementTimeout">How long a placement waits for processes that have not yet said who they are.</param>
/// <param name="Time">Measures.</param>
/// <param name="Telemetry">Where it logs.</param>
internal sealed record ServingLeaderOptions(
    ClusterServingOptions Serving, ProcessIdentity Identity, IClusterMembership Membership, TimeSpan PlaceTimeout, TimeSpan ReplacementTimeout,
    TimeProvider Time, Telemetry Telemetry);
