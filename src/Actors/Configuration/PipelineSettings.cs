using Actors.Schedules;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.pipeline</c>: how a step's micro-batches flow through the pipeline.</summary>
/// <param name="Schedule">Name in <see cref="ScheduleCatalog"/>.</param>
/// <param name="StagesPerRank">Stages that a rank holds in one direction; null leaves it to the schedule.</param>
/// <param name="MicroBatches">Micro-batches of a step.</param>
public sealed record PipelineSettings(string Schedule, int? StagesPerRank, int MicroBatches)
{
    internal const string Section = "actors.pipeline";

    private static string[] Names =>
        [.. ScheduleCatalog.All.Where(schedule => schedule != ScheduleCatalog.ForwardOnly).Select(schedule => schedule.Name)];

    internal static PipelineSettings Read(SettingsReader reader) => new(
        reader.OneOf($"{Section}.schedule", Names),
        reader.OptionalInt($"{Section}.stages-per-rank"),
        reader.Int($"{Section}.micro-batches", most: 1 << 20));
}
