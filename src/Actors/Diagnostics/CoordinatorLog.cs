using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What the coordinator logs.</summary>
internal static partial class CoordinatorLog
{
    public const string Component = "coordinator";

    [LoggerMessage(100, LogLevel.Information, "placing {Ranks} ranks: {Placement}, schedule {Schedule}, {MicroBatches} micro-batches, {Tokens} tokens a step, from step {Step}")]
    public static partial void PlacingRanks(ILogger log, int ranks, string placement, string schedule, int microBatches, long tokens, int step);

    [LoggerMessage(101, LogLevel.Information, "all {Ranks} ranks are placed")]
    public static partial void RanksPlaced(ILogger log, int ranks);

    [LoggerMessage(102, LogLevel.Debug, "step {Step}: loss {Loss:0.0000}, gradient norm {Norm:0.000}, {Seconds:0.000} s")]
    public static partial void StepCompleted(ILogger log, int step, double loss, double norm, double seconds);

    [LoggerMessage(103, LogLevel.Debug, "batch: loss {Loss:0.0000}, {Targets} tokens with a target")]
    public static partial void BatchCompleted(ILogger log, double loss, long targets);

    [LoggerMessage(104, LogLevel.Information, "training ended at step {Step}")]
    public static partial void TrainingEnded(ILogger log, int step);

    [LoggerMessage(105, LogLevel.Information, "step {Step}: {What}; its forward runs again to find the first layer")]
    public static partial void LookingForLayer(ILogger log, int step, string what);

    [LoggerMessage(107, LogLevel.Warning, "{Work} runs again: more rows came to a rank's experts than its windows had room for (actors.fabric.capacity-factor); they are larger now")]
    public static partial void Repeating(ILogger log, string work);

    [LoggerMessage(106, LogLevel.Information, "the run failed: {Reason}")]
    public static partial void RunFailed(ILogger log, string reason);
}
