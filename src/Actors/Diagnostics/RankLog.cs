using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What nodes and ranks log about the actors that they make and supervise.</summary>
internal static partial class RankLog
{
    public const string Component = "rank";

    [LoggerMessage(200, LogLevel.Debug, "rank {Rank} is placed: pipeline {PipelineRank}, experts {ExpertRank}, {Channels} channels")]
    public static partial void Placed(ILogger log, int rank, int pipelineRank, int expertRank, int channels);

    [LoggerMessage(201, LogLevel.Error, "rank {Rank} cannot be made: {Reason}")]
    public static partial void CannotBeMade(ILogger log, int rank, string reason, Exception cause);

    [LoggerMessage(202, LogLevel.Error, "rank {Rank} failed: {Reason}")]
    public static partial void Failed(ILogger log, int rank, string reason, Exception cause);
}
