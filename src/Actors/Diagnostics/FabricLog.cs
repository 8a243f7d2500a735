using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What channels log: when they are connected and what they have moved when they stop.</summary>
internal static partial class FabricLog
{
    public const string Component = "channel";

    [LoggerMessage(400, LogLevel.Debug, "channel {Channel} of expert rank {Rank} is connected: {Nodes} nodes, {Slots} slots a ring")]
    public static partial void Connected(ILogger log, int channel, int rank, int nodes, int slots);

    [LoggerMessage(401, LogLevel.Debug, "channel {Channel} of expert rank {Rank} stops: {SlowRows} rows between nodes, {FastRows} inside, {Waits} waits for a credit")]
    public static partial void Stops(ILogger log, int channel, int rank, long slowRows, long fastRows, long waits);
}
