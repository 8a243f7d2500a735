using Actors.Runtime.Configuration;

namespace Actors.Cli.Requests;

/// <summary>What to evaluate.</summary>
/// <param name="Configuration">All layers, for the actor system.</param>
/// <param name="Settings">The settings; <see cref="ModelSettings.Path"/> is the model's folder. The placement is not checked yet.</param>
/// <param name="InputFile">Safetensors with <c>input_ids</c> [B, S], and <c>attention_mask</c> and <c>labels</c> where given.</param>
/// <param name="OutputFile">Safetensors to write.</param>
/// <param name="WithGradients">Whether to compute gradients too.</param>
/// <param name="IsSerial">Whether to compute without actors, summing in the same order.</param>
internal sealed record EvalRequest(
    LayeredConfiguration Configuration,
    ActorsSettings Settings,
    string InputFile,
    string OutputFile,
    bool WithGradients,
    bool IsSerial);
