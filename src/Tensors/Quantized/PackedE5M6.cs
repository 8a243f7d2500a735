namespace Actors.Tensors.Quantized;

/// <summary>
/// Rows in E5M6, 8 values in 12 bytes, with a power of two as scale of each tile of 128 columns: a cache of activations that FP8 would round too much. Value i of
/// 8 has the bits 12 i .. 12 i + 11 of three words, the first word being the lowest; values behind the last column are zero.
/// </summary>
/// <param name="Words">Int32 (rows, 3 · packs of 8 columns).</param>
/// <param name="Scales">Float32 (rows, tiles).</param>
/// <param name="Columns">Values of a row.</param>
public readonly record struct PackedE5M6(Tensor Words, Tensor Scales, int Columns)
{
    /// <summary>Values of a pack.</summary>
    public const int PackValues = 8;

    /// <summary>Words of a pack.</summary>
    public const int PackWords = 3;

    /// <summary>Rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public PackedE5M6 RowRange(int start, int count) => new(Words.RowRange(start, count), Scales.RowRange(start, count), Columns);

    /// <summary>Words of a row of so many columns.</summary>
    public static int WordsOf(int columns) => (columns + PackValues - 1) / PackValues * PackWords;
}
