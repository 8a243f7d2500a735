using Actors.Runtime.Configuration;

namespace Actors.Cli.Requests;

/// <summary>What a cluster is asked to go on with.</summary>
/// <param name="Cluster">How the cluster is reached.</param>
/// <param name="From">Full path of the folder of a run or a model, which all processes see; null: the run that the cluster trains or has trained last.</param>
/// <param name="Id">Names the request.</param>
/// <param name="Prompt">The text to go on with, one byte or more.</param>
/// <param name="EchoesPrompt">Whether the prompt is told as the first piece of text.</param>
/// <param name="Inference">How to draw; sizes are the cluster's.</param>
internal sealed record ClusterInferRequest(ClusterAddress Cluster, string? From, string Id, byte[] Prompt, bool EchoesPrompt, InferenceSettings Inference);
