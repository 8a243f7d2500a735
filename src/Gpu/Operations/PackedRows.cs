using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Sizes of kernels in which a thread moves 16 bytes at once where rows allow it, else an element.</summary>
internal static class PackedRows
{
    /// <summary>Threads of a block.</summary>
    public const int BlockThreads = 256;

    /// <summary>Threads of a warp.</summary>
    public const int WarpThreads = 32;

    /// <summary>Bytes that a thread moves at once.</summary>
    public const int PackBytes = 16;

    /// <summary>Units that a thread has on their way at once. Mirrors <c>unit_depth</c> of units.cuh.</summary>
    public const int Depth = 4;

    private const int BlocksPerMultiprocessor = 8;

    /// <summary>Blocks of the largest grid; beyond, a block loops.</summary>
    public const int MostBlocks = 1 << 20;

    /// <summary>Whether all rows can be moved by packs: where they begin, how far they are apart and where they end are multiples of 16 bytes.</summary>
    public static bool Fit(ElementType type, int columns, params ReadOnlySpan<RowView> views)
    {
        bool fits = columns % Elements(type) == 0;
        foreach (RowView view in views)
        {
            fits &= IsAligned(view, type);
        }

        return fits;
    }

    /// <summary>Elements that a thread moves at once.</summary>
    public static int Elements(ElementType type) => PackBytes / type.SizeInBytes();

    /// <summary>Whether rows begin at multiples of 16 bytes.</summary>
    public static bool IsAligned(RowView view, ElementType type) =>
        view.Data % PackBytes == 0 && view.Stride % Elements(type) == 0;

    /// <summary>Units of a row.</summary>
    public static int Units(ElementType type, int columns, bool isPacked) => isPacked ? columns / Elements(type) : columns;

    /// <summary>Blocks in which each thread has as many units as it moves at once.</summary>
    public static int Blocks(int rows, int units)
    {
        const int Batch = BlockThreads * Depth;
        return (int)Math.Min((((long)rows * units) + Batch - 1) / Batch, MostBlocks);
    }

    /// <summary>As many blocks as there is work for, at most enough to fill the GPU: then they loop.</summary>
    public static int Blocks(CudaContext context, long work) => (int)Math.Clamp(work, 1, (long)context.Device.Multiprocessors * BlocksPerMultiprocessor);

    /// <summary>Blocks in which each row has a warp, or each its own block.</summary>
    public static int RowBlocks(int rows, bool isWarp) =>
        isWarp ? LaunchGrid.Covering(rows, BlockThreads / WarpThreads) : rows;
}
