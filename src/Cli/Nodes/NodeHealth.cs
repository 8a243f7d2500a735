using Actors.Runtime.Cluster.Processes;

namespace Actors.Cli.Nodes;

/// <summary>How a process of a cluster is, for who asks over HTTP. Any thread may ask.</summary>
internal sealed class NodeHealth
{
    private volatile ClusterProcess? _process;

    /// <summary>Why the process should be started again; null: it lives.</summary>
    public string? NotAlive => _process is { Ended.IsCompleted: true } ? "its actor system has ended" : null;

    /// <summary>Why nothing should be asked of the process yet, or any more; null: it is ready.</summary>
    public string? NotReady => _process is { } process ? process.NotReady : "starts";

    /// <summary>Names the process, once there is one.</summary>
    public void Observe(ClusterProcess process) => _process = process;
}
