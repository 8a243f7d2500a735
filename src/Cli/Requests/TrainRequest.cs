using Actors.Runtime.Configuration;
using Actors.Runtime.Data;

namespace Actors.Cli.Requests;

/// <summary>What to train on what.</summary>
/// <param name="Configuration">All layers, for the actor system.</param>
/// <param name="Settings">The settings, checked.</param>
/// <param name="Corpus">What it is trained on; checked against sequence length and vocabulary unless the model comes from a folder.</param>
/// <param name="OutputFolder">Where checkpoints go.</param>
/// <param name="IsFolderGiven">Whether it must be that folder; else a free one is taken whose name begins so.</param>
/// <param name="ResumeFolder">Checkpoint to go on from; null: from the start.</param>
/// <param name="IsSerial">Whether to train without actors.</param>
/// <param name="TraceFile">Where to write a Chrome trace; null: nowhere.</param>
internal sealed record TrainRequest(
    LayeredConfiguration Configuration,
    ActorsSettings Settings,
    ICorpus Corpus,
    string OutputFolder,
    bool IsFolderGiven,
    string? ResumeFolder,
    bool IsSerial,
    string? TraceFile)
{
    /// <summary>What the run takes, as it was checked.</summary>
    public PlannedMemory? Memory { get; init; }

    /// <summary>Loopback port that serves the run's metrics, 0 for any that is free; null: none does.</summary>
    public int? MetricsPort { get; init; }
}
