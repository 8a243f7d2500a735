namespace Actors.Model.Checkpoint;

/// <summary>
/// How tensors of any size pass through one buffer. A piece of a matrix has whole rows, a multiple of 128 of them where so many fit, so that the scales of its
/// blocks are read once.
/// </summary>
internal static class TensorPieces
{
    /// <summary>Most elements of a piece, 16 MB of float32; only a row that is longer is a piece too.</summary>
    public const int Elements = 1 << 22;

    /// <summary>Rows of a matrix's pieces, of which the last may have fewer.</summary>
    public static int Rows(long columns)
    {
        long rows = Math.Max(1, Elements / Math.Max(1, columns));
        return (int)(rows > BlockScales.BlockElements ? rows - (rows % BlockScales.BlockElements) : rows);
    }

    /// <summary>Elements of a tensor's pieces, of which the last may have fewer.</summary>
    public static int ElementsOf(SafetensorsTensor tensor)
    {
        long elements = tensor.Shape is [_, var columns] ? Rows(columns) * columns : Elements;
        return checked((int)Math.Min(tensor.Count, elements));
    }

    /// <summary>A buffer for the pieces of any of the tensors.</summary>
    public static float[] Buffer(IEnumerable<SafetensorsTensor> tensors) => new float[tensors.Select(ElementsOf).DefaultIfEmpty().Max()];
}
