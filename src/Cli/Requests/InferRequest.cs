using Actors.Runtime.Configuration;

namespace Actors.Cli.Requests;

/// <summary>What to go on with.</summary>
/// <param name="Configuration">All layers, for the actor system.</param>
/// <param name="Settings">The settings; <see cref="ModelSettings.Path"/> is the model's folder. The placement is not checked yet.</param>
/// <param name="Prompt">The text to go on with, one byte or more.</param>
/// <param name="EchoesPrompt">Whether the prompt is told as the first piece of text.</param>
internal sealed record InferRequest(LayeredConfiguration Configuration, ActorsSettings Settings, byte[] Prompt, bool EchoesPrompt)
{
    /// <summary>Loopback port that serves the metrics of serving, 0 for any that is free; null: none does.</summary>
    public int? MetricsPort { get; init; }
}
