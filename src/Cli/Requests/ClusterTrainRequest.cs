namespace Actors.Cli.Requests;

/// <summary>What a cluster is asked to train.</summary>
/// <param name="Cluster">Address of one of its processes, host:port.</param>
/// <param name="OutputFolder">Full path of the folder for checkpoints, which all processes see.</param>
internal sealed record ClusterTrainRequest(ClusterAddress Cluster, string OutputFolder);
