using Actors.Tensors.Quantized;

namespace Actors.Model.Checkpoint;

/// <summary>
/// Where a checkpoint in FP8 has the scales of a matrix: beside NAME, of F8_E4M3 [rows, columns], lies NAME_scale_inv [blocks of rows, blocks of columns], one a
/// block of 128 x 128 that begins with the matrix. A value is code · scale (DeepSeek-V3, README_WEIGHTS.md).
/// </summary>
internal static class BlockScales
{
    /// <summary>Rows and columns of a block; the last ones may have fewer.</summary>
    public const int BlockElements = TileCuts.TileElements;

    private const string Suffix = "_scale_inv";

    /// <summary>Name of the scales of a matrix.</summary>
    public static string NameOf(string matrix) => matrix + Suffix;

    /// <summary>Blocks that cover so many rows or columns.</summary>
    public static long Covering(long elements) => (elements + BlockElements - 1) / BlockElements;

    /// <summary>The scales of a matrix, float32.</summary>
    public static SafetensorsTensor Of(SafetensorsTensor matrix) =>
        new(NameOf(matrix.Name), SafetensorsType.F32, [Covering(matrix.Shape[0]), Covering(matrix.Shape[1])]);
}
