namespace Actors.Tensors;

/// <summary>
/// How a device stores what layers compute: rows of activations, of their gradients and of the residual stream. Masters, weight gradients, statistics, gate
/// scores, softmax and losses are float32 always; operations compute in float32 and round once when they store.
/// </summary>
/// <param name="Rows">Float32 or BFloat16.</param>
public sealed record Precision(ElementType Rows)
{
    /// <summary>All in float32.</summary>
    public static Precision Float32 { get; } = new(ElementType.Float32);

    /// <summary>Rows in bfloat16.</summary>
    public static Precision BFloat16 { get; } = new(ElementType.BFloat16);
}
