namespace Actors.Tensors.Quantized;

/// <summary>
/// Rows in E4M3, transposed, with a scale for each column's tile of 128 rows: what the gradient of a weight sums over. Tiles begin with the first row of each
/// group, so none spans two. The tiles of group g have the places offsets[g] / 128 + g and those behind it, which are as many as it needs, so that a place is
/// found without a sum over groups. Codes behind a group's last row are zero up to its tile's end; places that no group needs are not written.
/// </summary>
/// <param name="Codes">E4M3 (columns, places · 128).</param>
/// <param name="Scales">Float32 (places, columns).</param>
/// <param name="Rows">Rows that were transposed, those of no group included.</param>
public readonly record struct QuantizedTokens(Tensor Codes, Tensor Scales, int Rows)
{
    /// <summary>Columns of the rows.</summary>
    public int Columns => Codes.Rows;

    /// <summary>Places that rows of so many groups need.</summary>
    /// <param name="rows">Rows of all groups.</param>
    /// <param name="groups">Groups, 1 or more.</param>
    public static int Places(int rows, int groups) => (rows / TileCuts.TileElements) + groups;

    /// <summary>The first place of a group.</summary>
    /// <param name="group">Its number.</param>
    /// <param name="firstRow">Its first row.</param>
    public static int PlaceOf(int group, int firstRow) => (firstRow / TileCuts.TileElements) + group;
}
