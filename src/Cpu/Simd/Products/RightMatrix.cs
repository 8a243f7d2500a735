namespace Actors.Cpu.Simd.Products;

/// <summary>
/// Where a product finds its right matrix (depth x columns): panels of <see cref="TileDispatch.PanelColumns"/> columns and a last,
/// narrower one.
/// </summary>
/// <param name="First">First panel.</param>
/// <param name="Step">From one contraction step to the next in a whole panel.</param>
/// <param name="Panel">From panel to panel.</param>
/// <param name="Tail">The last panel, padded to whole vectors; unused if there is none.</param>
/// <param name="TailStep">From one contraction step to the next in it.</param>
internal readonly unsafe record struct RightMatrix(nint First, nint Step, nint Panel, nint Tail, nint TailStep)
{
    /// <summary>Elements of the longest rows that are read where they lie: of longer ones, a panel's are too far apart for the caches.</summary>
    private const int LongestRow = 512;

    /// <summary>A matrix that <see cref="PanelPacking"/> packed.</summary>
    public static RightMatrix Packed(float* panels, int columns, int depth)
    {
        int width = TileDispatch.PanelColumns;
        float* tail = panels + (nint)(columns / width) * width * depth;
        return new((nint)panels, width, (nint)width * depth, (nint)tail, PanelPacking.TailColumns(columns));
    }

    /// <summary>Rows as they lie, <paramref name="stride"/> apart; only a last panel that does not fill its vectors is copied.</summary>
    /// <param name="rows">(depth, columns).</param>
    /// <param name="stride">From row to row.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="depth">Rows.</param>
    /// <param name="scratch">Room for the copy, depth times <see cref="PanelPacking.TailColumns"/>; null where none is needed.</param>
    public static RightMatrix InPlace(float* rows, nint stride, int columns, int depth, float* scratch)
    {
        int width = TileDispatch.PanelColumns;
        int rest = columns % width;
        float* tail = rows + (columns - rest);
        if (rest % TileDispatch.Lanes == 0)
        {
            return new((nint)rows, stride, width, (nint)tail, stride);
        }

        int padded = PanelPacking.TailColumns(columns);
        PanelPacking.CopyColumns(tail, stride, rest, depth, scratch, padded);
        return new((nint)rows, stride, width, (nint)scratch, padded);
    }

    /// <summary>Whether rows of so many elements, in whole vectors, can be read as fast as packed ones.</summary>
    public static bool NeedsNoPacking(int columns) => columns <= LongestRow && columns % TileDispatch.Lanes == 0;
}
