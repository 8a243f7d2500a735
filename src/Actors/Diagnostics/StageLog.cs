using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What a pipeline stage logs: a line a training step at most, none a component or a served token.</summary>
internal static partial class StageLog
{
    public const string Component = "stage";

    [LoggerMessage(300, LogLevel.Debug, "rank {Rank} plays step {Step}: {Mode}, {Components} components")]
    public static partial void Begins(ILogger log, int rank, int step, Pipeline.StepMode mode, int components);

    [LoggerMessage(301, LogLevel.Debug, "rank {Rank} has played step {Step}")]
    public static partial void Played(ILogger log, int rank, int step);
}
