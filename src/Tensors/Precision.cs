using Actors.Tensors.Quantized;

namespace Actors.Tensors;

/// <summary>
/// How a device stores what layers compute: rows of activations, of their gradients and of the residual stream. Masters, weight gradients, statistics, gate
/// scores, softmax and losses are float32 always; operations compute in float32 and round once when they store.
/// </summary>
/// <param name="Name">What the configuration calls it.</param>
/// <param name="Rows">Float32 or BFloat16.</param>
/// <param name="Products">What the products of transformer layers take: as the rows, or E4M3 with scales (docs/fp8.md).</param>
public sealed record Precision(string Name, ElementType Rows, ElementType Products)
{
    /// <summary>All in float32.</summary>
    public static Precision Float32 { get; } = new("float32", ElementType.Float32, ElementType.Float32);

    /// <summary>Rows in bfloat16.</summary>
    public static Precision BFloat16 { get; } = new("bfloat16", ElementType.BFloat16, ElementType.BFloat16);

    /// <summary>Rows in bfloat16, products of what was quantized to E4M3.</summary>
    public static Precision Fp8 { get; } = new("fp8", ElementType.BFloat16, ElementType.E4M3);

    /// <summary>All in the type of the rows.</summary>
    public static Precision OfRows(ElementType rows) => rows switch
    {
        ElementType.Float32 => Float32,
        ElementType.BFloat16 => BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(rows), rows, "Rows are float32 or bfloat16."),
    };

    /// <summary>Whether products that sum over so many elements take E4M3: tiles of a sum are whole, so other sizes stay as the rows are.</summary>
    public bool Quantizes(int contracted) => Products == ElementType.E4M3 && contracted > 0 && contracted % TileCuts.TileElements == 0;
}
