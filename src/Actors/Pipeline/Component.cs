namespace Actors.Runtime.Pipeline;

/// <summary>One component of a chunk.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Stage">Stage of the chunk.</param>
/// <param name="MicroBatch">Micro-batch of the chunk.</param>
/// <param name="Layer">Layer inside the stage, from 0; 0 where the component belongs to no layer.</param>
/// <param name="IsPaired">Whether it belongs to an overlapped pair.</param>
public readonly record struct Component(ComponentKind Kind, int Stage, int MicroBatch, int Layer, bool IsPaired = false)
{
    /// <summary>Whether it computes weight gradients.</summary>
    public bool IsWeights => Kind is ComponentKind.FeedForwardWeights or ComponentKind.ExpertWeights
        or ComponentKind.AttentionWeights or ComponentKind.EndWeights;

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} of stage {Stage}, layer {Layer}, micro-batch {MicroBatch}";
}
