using Actors.Runtime.Configuration;

namespace Actors.Cli.Requests;

/// <summary>How a caller reaches a cluster.</summary>
/// <param name="Process">Address of one of its processes, host:port.</param>
/// <param name="Settings">Keys of <c>actors.cluster</c> that are the caller's own, such as those of its certificate.</param>
internal sealed record ClusterAddress(string Process, IReadOnlyList<ConfigurationOverride> Settings);
