using Actors.Schedules;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.pipeline</c>: how a step's micro-batches flow through the pipeline.</summary>
/// <param name="Schedule">Name in <see cref="ScheduleCatalog"/>.</param>
/// <param name="MicroBatches">Micro-batches of a step.</param>
public sealed record PipelineSettings(string Schedule, int MicroBatches)
{
    internal const string Section = "actors.pipeline";

    internal static PipelineSettings Read(SettingsReader reader) => new(
        reader.OneOf($"{Section}.schedule", ScheduleCatalog.DualPipe.Name, ScheduleCatalog.OneForwardOneBackward.Name),
        reader.Int($"{Section}.micro-batches", most: 1 << 20));
}
