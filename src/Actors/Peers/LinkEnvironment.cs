using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers.Opening;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Peers;

/// <summary>What the links of a process have in common.</summary>
/// <param name="Settings">Limits and times.</param>
/// <param name="Sink">Takes frames.</param>
/// <param name="Log">What is refused is said here.</param>
/// <param name="Time">The clock.</param>
internal sealed record LinkEnvironment(LinkSettings Settings, IFrameSink Sink, ILogger Log, TimeProvider Time)
{
    /// <summary>Counts links and what crosses them; null: nothing does.</summary>
    public LinkMeters? Meters { get; init; }

    /// <summary>TLS of both sides; null: connections are bare.</summary>
    public PeerTls? Tls { get; init; }

    /// <summary>
    /// Bytes that are shared with a process beside the lanes' rings, by its number; both sides must ask for the same. Null: none.
    /// </summary>
    public Func<int, long>? SharedBytes { get; init; }
}
