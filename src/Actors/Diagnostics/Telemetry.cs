using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Runtime.Diagnostics;

/// <summary>Where a run logs and counts. Made at the composition root and handed to the actors with the run's memory.</summary>
public sealed record Telemetry
{
    /// <summary>Logs nothing and counts nothing.</summary>
    public static Telemetry None { get; } = new();

    /// <summary>Makes a logger for each component, such as <c>coordinator</c>, <c>rank</c> or <c>gateway</c>.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The instruments; null: nothing is counted.</summary>
    public RuntimeMeters? Meters { get; init; }
}
