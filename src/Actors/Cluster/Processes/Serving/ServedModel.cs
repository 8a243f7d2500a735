using System.Collections.Immutable;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>Values that a cluster may serve.</summary>
/// <param name="Folder">Folder of the checkpoint or model, which all processes see; null: the model that each process's settings name.</param>
/// <param name="Run">The run that wrote it; empty where none did.</param>
/// <param name="Name">For people.</param>
/// <param name="EndTokens">Tokens that end an answer.</param>
public sealed record ServedModel(string? Folder, string Run, string Name, ImmutableArray<int> EndTokens);
