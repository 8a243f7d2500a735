using System.Numerics;
using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations;

/// <summary>How the threads of a block share rows. Mirrors <c>row_threads</c> of row_threads.cuh.</summary>
/// <param name="Shift">2 to this power threads have a row.</param>
/// <param name="Blocks">Blocks that cover the rows; beyond the largest grid they loop.</param>
internal readonly record struct RowThreads(int Shift, int Blocks)
{
    /// <summary>For rows of so many pieces of work.</summary>
    public static RowThreads For(int rows, int pieces)
    {
        int shift = BitOperations.Log2((uint)Math.Clamp(pieces, 1, PackedRows.BlockThreads));
        // Rounded up: no thread of a short row has two pieces.
        shift += pieces > 1 << shift && 1 << shift < PackedRows.BlockThreads ? 1 : 0;
        long rowsPerBlock = PackedRows.BlockThreads >> shift;
        return new RowThreads(shift, Math.Min(LaunchGrid.Covering(rows, rowsPerBlock), PackedRows.MostBlocks));
    }

    /// <summary>
    /// For rows of so many units, of which a thread has <see cref="PackedRows.Depth"/> on their way at once; a row has a warp first, whose accesses lie side by side.
    /// </summary>
    public static RowThreads ForUnits(int rows, int units) =>
        For(rows, Math.Max(Math.Min(units, PackedRows.WarpThreads), LaunchGrid.Covering(units, PackedRows.Depth)));
}
