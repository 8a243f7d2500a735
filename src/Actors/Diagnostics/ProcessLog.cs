using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What a process of a cluster and its leader log.</summary>
internal static partial class ProcessLog
{
    /// <summary>Name of the component.</summary>
    public const string Component = "process";

    [LoggerMessage(EventId = 700, Level = LogLevel.Information, Message = "epoch {Epoch}: opening share {Process} of {Processes}, nodes {Nodes}")]
    public static partial void Opening(ILogger log, int epoch, int process, int processes, string nodes);

    [LoggerMessage(EventId = 701, Level = LogLevel.Information, Message = "epoch {Epoch}: the share stands")]
    public static partial void Opened(ILogger log, int epoch);

    [LoggerMessage(EventId = 702, Level = LogLevel.Error, Message = "epoch {Epoch}: the share cannot be opened: {Reason}")]
    public static partial void CannotOpen(ILogger log, int epoch, string reason, Exception detail);

    [LoggerMessage(EventId = 703, Level = LogLevel.Warning, Message = "epoch {Epoch}: the link to process {Peer} has ended: {Reason}")]
    public static partial void PeerLost(ILogger log, int epoch, int peer, string reason);

    [LoggerMessage(EventId = 704, Level = LogLevel.Information, Message = "epoch {Epoch}: nothing of it is left here")]
    public static partial void Closed(ILogger log, int epoch);

    [LoggerMessage(EventId = 705, Level = LogLevel.Information, Message = "epoch {Epoch}: placing {Nodes} nodes on {Processes} processes")]
    public static partial void Placing(ILogger log, int epoch, int nodes, int processes);

    [LoggerMessage(EventId = 706, Level = LogLevel.Warning, Message = "{Text}")]
    public static partial void Notice(ILogger log, string text);

    [LoggerMessage(EventId = 708, Level = LogLevel.Information, Message = "serving, epoch {Epoch}: placing {Nodes} nodes on {Processes} processes, values of {Model}")]
    public static partial void PlacingServing(ILogger log, int epoch, int nodes, int processes, string model);

    [LoggerMessage(EventId = 709, Level = LogLevel.Information, Message = "serving, epoch {Epoch}: nobody asks, the placement is given up")]
    public static partial void ServingRests(ILogger log, int epoch);

    [LoggerMessage(EventId = 707, Level = LogLevel.Warning, Message = "{Process} is refused: {Reason}")]
    public static partial void Refused(ILogger log, string process, string reason);
}
