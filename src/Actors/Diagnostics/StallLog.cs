using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What the stall watch logs, in the component of the leader that it watches for.</summary>
internal static partial class StallLog
{
    [LoggerMessage(10, LogLevel.Warning, "no progress: {State}")]
    public static partial void NothingMoves(ILogger log, string state);
}
