using Actors.Model.Training;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training.Checkpoints;

namespace Actors.Runtime.Training;

/// <summary>What the coordinator needs beside the run's shape.</summary>
public sealed record TrainerOptions
{
    /// <summary>Numbers of AdamW, clipping, learning rate and bias update.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>Where tokens come from; null when the run only evaluates.</summary>
    public IBatchSource? Batches { get; init; }

    /// <summary>Where checkpoints are kept; null: the state is never saved.</summary>
    public ICheckpointFolder? Checkpoints { get; init; }

    /// <summary>Steps that the loaded state has behind it.</summary>
    public int CompletedSteps { get; init; }

    /// <summary>When nothing has moved on any rank for this long, a step is given up and what the ranks wait for is reported; infinite: never.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Measures.</summary>
    public required TimeProvider Time { get; init; }
}
