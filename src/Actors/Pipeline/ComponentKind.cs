namespace Actors.Runtime.Pipeline;

/// <summary>
/// What a stage does at one time, finer than an action of the timetable: a pair overlaps two chunks by taking turns between
/// their components. "Start" sends and goes on; what was sent moves while other components compute.
/// </summary>
public enum ComponentKind
{
    /// <summary>Takes the chunk's input: embeds tokens, or the rows of the stage before.</summary>
    ReceiveForward,

    /// <summary>Norm, attention, residual, norm and gate.</summary>
    AttentionForward,

    /// <summary>Starts the dispatch of the layer's tokens.</summary>
    StartDispatch,

    /// <summary>Dense feed-forward, or the shared expert.</summary>
    FeedForward,

    /// <summary>Routed experts of the rank's shard, once their rows are there.</summary>
    ExpertsForward,

    /// <summary>Starts the way back of the experts' outputs.</summary>
    StartCombine,

    /// <summary>Adds what came back to the residual, once all is there.</summary>
    FinishLayer,

    /// <summary>Hands the rows to the next stage, or computes the loss.</summary>
    SendForward,

    /// <summary>Takes the gradient of the chunk's output from the next stage or the loss.</summary>
    ReceiveBackward,

    /// <summary>Starts the dispatch of the output's gradient over the forward's layout.</summary>
    StartGradientDispatch,

    /// <summary>Input gradient of the dense feed-forward, or of the shared expert.</summary>
    FeedForwardBackward,

    /// <summary>Input gradient of the routed experts, once their gradients are there.</summary>
    ExpertsBackward,

    /// <summary>Starts the way back of the input gradients.</summary>
    StartGradientCombine,

    /// <summary>Weight gradients of the dense feed-forward, or of the shared expert.</summary>
    FeedForwardWeights,

    /// <summary>Weight gradients of the routed experts.</summary>
    ExpertWeights,

    /// <summary>Input gradient of gate, norms and attention, once all is back.</summary>
    AttentionBackward,

    /// <summary>Weight gradients of gate, norms and attention.</summary>
    AttentionWeights,

    /// <summary>Hands the gradient of the chunk's input to the stage before.</summary>
    SendBackward,

    /// <summary>Weight gradients of embedding and output head, where the stage has them.</summary>
    EndWeights,

    /// <summary>Lets go of what was kept for the chunk.</summary>
    Release,
}
