namespace Actors.Runtime.Cluster.Processes;

/// <summary>Names by which the actors of a cluster find each other.</summary>
public static class ProcessNames
{
    /// <summary>The actor system of every process.</summary>
    public const string System = "actors";

    /// <summary>The actor of a process.</summary>
    public const string Process = "process";

    /// <summary>The actor of a process as it serves.</summary>
    public const string Serving = "serving";

    /// <summary>Where callers are received, on every process.</summary>
    public const string Front = "front";

    /// <summary>The manager of the leader, on every process; the leader is its child of the same name.</summary>
    public const string Leader = "leader";
}
