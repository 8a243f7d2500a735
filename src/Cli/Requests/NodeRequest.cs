using System.Net;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;

namespace Actors.Cli.Requests;

/// <summary>What a process of a cluster is started with.</summary>
/// <param name="Configuration">All layers, for the actor system.</param>
/// <param name="Settings">The settings, checked.</param>
/// <param name="Corpus">What it is trained on.</param>
internal sealed record NodeRequest(LayeredConfiguration Configuration, ActorsSettings Settings, ICorpus Corpus)
{
    /// <summary>Port that serves the process's metrics and health, 0 for any that is free; null: none does.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Address of that port.</summary>
    public IPAddress MetricsHost { get; init; } = IPAddress.Loopback;
}
