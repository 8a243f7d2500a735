namespace Actors.Schedules.Generators;

/// <summary>One kind of action at one stage, whose micro-batches come in order.</summary>
internal sealed class ChunkRun(ActionKind kind, int stage)
{
    /// <summary>The micro-batch that is next.</summary>
    public int Next { get; set; }

    public StageAction At(int microBatch) => kind switch
    {
        ActionKind.Forward => StageAction.Forward(stage, microBatch),
        ActionKind.BackwardInput => StageAction.BackwardInput(stage, microBatch),
        ActionKind.BackwardWeights => StageAction.BackwardWeights(stage, microBatch),
        _ => throw new ArgumentOutOfRangeException(nameof(microBatch), kind, "A run is of forwards or of half backwards."),
    };
}
