namespace Actors.Simulation.Devices;

/// <summary>Operations of a stream, by which a cost is told.</summary>
public enum Operation
{
    /// <summary>Sets to zero.</summary>
    Zero,

    /// <summary>Copies on the device.</summary>
    Copy,

    /// <summary>Copies from the host.</summary>
    Upload,

    /// <summary>Copies to the host.</summary>
    Download,

    /// <summary>Sums of two or three.</summary>
    Add,

    /// <summary>SwiGLU.</summary>
    SwiGlu,

    /// <summary>SwiGLU's backward.</summary>
    SwiGluBackward,

    /// <summary>Refreshes what is derived from a weight.</summary>
    Prepare,

    /// <summary>x Wᵀ.</summary>
    Linear,

    /// <summary>dy W.</summary>
    LinearBackwardInput,

    /// <summary>dyᵀ x.</summary>
    LinearBackwardWeight,

    /// <summary>x Wᵀ of the experts.</summary>
    GroupedLinear,

    /// <summary>dy W of the experts.</summary>
    GroupedLinearBackwardInput,

    /// <summary>dyᵀ x of the experts.</summary>
    GroupedLinearBackwardWeight,

    /// <summary>RMSNorm.</summary>
    RmsNorm,

    /// <summary>RMSNorm's backward.</summary>
    RmsNormBackward,

    /// <summary>Rotary embedding.</summary>
    Rope,

    /// <summary>Attention over a chunk.</summary>
    Attention,

    /// <summary>Attention's backward.</summary>
    AttentionBackward,

    /// <summary>Attention of one token over the cache.</summary>
    LatentAttention,

    /// <summary>The gate.</summary>
    ChooseExperts,

    /// <summary>The gate's backward.</summary>
    ChooseExpertsBackward,

    /// <summary>The balance loss of a gate, and its gradient.</summary>
    BalanceLoss,

    /// <summary>Choices taken back.</summary>
    DropChoices,

    /// <summary>Order of received rows by expert.</summary>
    SortByExpert,

    /// <summary>Loads of experts.</summary>
    CountExperts,

    /// <summary>Collects rows.</summary>
    GatherRows,

    /// <summary>Puts rows to their places.</summary>
    PutRows,

    /// <summary>Draws tokens.</summary>
    DrawTokens,

    /// <summary>Sums weighted rows.</summary>
    SumRows,

    /// <summary>Numbers the tokens that go to each rank.</summary>
    CountDestinations,

    /// <summary>Makes places of numbers.</summary>
    PlaceRows,

    /// <summary>Writes rows to other ranks' windows.</summary>
    PushRows,

    /// <summary>Writes choices to other ranks' windows.</summary>
    PushChoices,

    /// <summary>Sums rows of other ranks' windows.</summary>
    CollectSums,

    /// <summary>Reads weight gradients of other ranks' windows.</summary>
    CollectWeightGradients,

    /// <summary>Writes rows and choices to other ranks' windows, and waits for theirs.</summary>
    DispatchTokens,

    /// <summary>Waits for other ranks' partial sums, and sums them.</summary>
    CombineTokens,

    /// <summary>Sums tensors of several ranks.</summary>
    SumTensors,

    /// <summary>Embeds tokens.</summary>
    Embed,

    /// <summary>The embedding's gradient.</summary>
    EmbedBackward,

    /// <summary>Loss and its gradient.</summary>
    CrossEntropy,

    /// <summary>Sum of squares.</summary>
    SumOfSquares,

    /// <summary>AdamW.</summary>
    AdamW,

    /// <summary>Rows to E4M3 in tiles.</summary>
    QuantizeRows,

    /// <summary>Rows back from E4M3.</summary>
    DequantizeRows,

    /// <summary>Matrices to E4M3 in blocks.</summary>
    QuantizeBlocks,

    /// <summary>Rows transposed to E4M3.</summary>
    QuantizeTokens,

    /// <summary>Rows of E4M3 transposed.</summary>
    RequantizeTokens,

    /// <summary>Rows to packed E5M6.</summary>
    PackRows,

    /// <summary>Rows back from packed E5M6.</summary>
    UnpackRows,

    /// <summary>Product of E4M3.</summary>
    QuantizedLinear,

    /// <summary>Its gradient for the input.</summary>
    QuantizedLinearBackwardInput,

    /// <summary>Its gradient for the weight.</summary>
    QuantizedLinearBackwardWeight,
}
