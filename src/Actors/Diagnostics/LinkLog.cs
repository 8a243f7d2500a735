using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What links between processes log.</summary>
internal static partial class LinkLog
{
    public const string Component = "links";

    [LoggerMessage(450, LogLevel.Information, "the link to {Name} is open: {Lanes} lanes, {Kind}")]
    public static partial void Opened(ILogger log, string name, int lanes, string kind);

    [LoggerMessage(451, LogLevel.Information, "a link ended: {Reason}")]
    public static partial void Ended(ILogger log, string reason);

    [LoggerMessage(452, LogLevel.Warning, "a connection was refused: {Reason}")]
    public static partial void Refused(ILogger log, string reason);

    [LoggerMessage(453, LogLevel.Warning, "connections are closed unread: {Most} that have not proven themselves are open already (max-unproven-connections)")]
    public static partial void Flooded(ILogger log, int most);

    [LoggerMessage(454, LogLevel.Warning, "memory is not shared with {Name}, its lanes are connections: {Reason}")]
    public static partial void NotShared(ILogger log, string name, string reason);
}
