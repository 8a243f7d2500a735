using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>What the command logs of a run as a whole: its settings, its checkpoints and the phases of its end.</summary>
internal static partial class RunLog
{
    public const string Component = "run";

    [LoggerMessage(700, LogLevel.Debug, "{Key} = {Value} ({Origin})")]
    public static partial void Setting(ILogger log, string key, string value, string origin);

    [LoggerMessage(701, LogLevel.Information, "checkpoint of step {Step} is written to {Folder} in {Seconds:0.0} s")]
    public static partial void CheckpointWritten(ILogger log, int step, string folder, double seconds);

    [LoggerMessage(702, LogLevel.Information, "stopping: the step under way is finished first")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(703, LogLevel.Debug, "shutdown: the actors are stopped")]
    public static partial void StoppingActors(ILogger log);

    [LoggerMessage(704, LogLevel.Debug, "shutdown: all actors have stopped")]
    public static partial void ActorsStopped(ILogger log);
}
