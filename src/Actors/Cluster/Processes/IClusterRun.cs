using Actors.Runtime.Serving;
using Actors.Runtime.Training;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A run of a cluster, as the disk has it. Used by the leader alone.</summary>
public interface IClusterRun : IDisposable
{
    /// <summary>Number of the last step to train.</summary>
    int LastStep { get; }

    /// <summary>Steps whose number this divides are saved; 0: only the last.</summary>
    int CheckpointEverySteps { get; }

    /// <summary>Steps of the newest checkpoint; 0 where there is none.</summary>
    int Step { get; }

    /// <summary>Folder of the newest checkpoint; null where there is none.</summary>
    string? Checkpoint { get; }

    /// <summary>The request that shows what the model has learned when the run has ended; null: none does.</summary>
    Infer? Sample => null;

    /// <summary>What a coordinator needs to go on from there.</summary>
    TrainerOptions Options { get; }
}
