namespace Actors.Tensors.Quantized;

/// <summary>
/// How a dimension is cut into tiles of 128: from its start, and anew from the start of a second part, if it has two. A tile ends with its part, so the last
/// of each may be shorter. A matrix that joins two tensors of a checkpoint has two parts, so that its blocks are those of the tensors.
/// </summary>
/// <param name="Length">Elements, 0 or more.</param>
/// <param name="Second">Where the second part begins; <paramref name="Length"/>: there is none.</param>
public readonly record struct TileCuts(int Length, int Second)
{
    /// <summary>Elements of a whole tile.</summary>
    public const int TileElements = 128;

    /// <summary>A dimension of one part.</summary>
    public TileCuts(int length)
        : this(length, length)
    {
    }

    /// <summary>Number of tiles.</summary>
    public int Count => Covering(Second) + Covering(Length - Second);

    /// <summary>First element of a tile.</summary>
    public int Start(int tile)
    {
        int first = Covering(Second);
        return tile < first ? tile * TileElements : Second + ((tile - first) * TileElements);
    }

    /// <summary>Elements of a tile.</summary>
    public int Size(int tile)
    {
        int end = tile < Covering(Second) ? Second : Length;
        return Math.Min(TileElements, end - Start(tile));
    }

    /// <summary>The tile that has an element.</summary>
    public int TileOf(int element) =>
        element < Second ? element / TileElements : Covering(Second) + ((element - Second) / TileElements);

    /// <summary>Tiles that cover so many elements.</summary>
    public static int Covering(int elements) => (elements + TileElements - 1) / TileElements;
}
