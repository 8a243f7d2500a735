using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Embedding on a GPU: a float32 table, rows of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class EmbedKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Mirror embed_backward.cu.</summary>
    private const int OrderedTokens = 32, OrderingThreads = 32, TilePlaces = 32;

    /// <summary>Threads of a block that sums tiles: few, so that there are many blocks.</summary>
    private const int SumThreads = 128;

    /// <summary>Sections of the scratch begin at multiples of it.</summary>
    private const int Alignment = 256;

    private readonly CudaKernel _embed = library.Kernel("embed", type), _tiles = library.Kernel("embed_backward", type, "embed_tiles");
    private readonly CudaKernel _order = library.Kernel("embed_backward", "embed_order"), _spans = library.Kernel("embed_backward", "embed_spans");

    /// <summary>y[t] = table[ids[t]].</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="ids">Address of int32 (rows).</param>
    /// <param name="table">Float32 (vocabulary, columns).</param>
    /// <param name="y">(rows, columns).</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="columns">Columns of the table.</param>
    public void Embed(CudaQueue queue, nuint ids, RowView table, RowView y, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, table, y);
        _embed.Launch(
            queue, PackedRows.Blocks(rows.Capacity, PackedRows.Units(type, columns, isPacked)), PackedRows.BlockThreads,
            [(nint)(&ids), (nint)(&table), (nint)(&y), (nint)(&rows), (nint)(&columns), (nint)(&isPacked)]);
    }

    /// <summary>Bytes of scratch that the backward needs.</summary>
    public static long BackwardBytes(int rows, int columns) => 2 * OrderBytes(rows) + (2L * Tiles(rows) * columns * sizeof(float));

    /// <summary>dTable[ids[t]] += dy[t], tokens in order.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="ids">Address of int32 (rows).</param>
    /// <param name="dy">(rows, columns).</param>
    /// <param name="dTable">Float32 (vocabulary, columns).</param>
    /// <param name="scratch">Address of <see cref="BackwardBytes"/>, a multiple of 16.</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="columns">Columns of the table.</param>
    public void EmbedBackward(CudaQueue queue, nuint ids, RowView dy, RowView dTable, nuint scratch, RowCount rows, int columns)
    {
        nuint order = scratch, ordered = order + (nuint)OrderBytes(rows.Capacity), parts = ordered + (nuint)OrderBytes(rows.Capacity);
        bool isPacked = PackedRows.Fit(type, columns, dy, dTable), isTablePacked = PackedRows.Fit(ElementType.Float32, columns, dTable);
        _order.Launch(
            queue, LaunchGrid.Covering(rows.Capacity, OrderedTokens), OrderedTokens * OrderingThreads, [(nint)(&ids), (nint)(&rows), (nint)(&order), (nint)(&ordered)]);
        _tiles.Launch(
            queue, new LaunchGrid(Tiles(rows.Capacity), LaunchGrid.Covering(PackedRows.Units(type, columns, isPacked), SumThreads)), SumThreads,
            [
                (nint)(&order), (nint)(&ordered), (nint)(&dy), (nint)(&dTable), (nint)(&parts), (nint)(&rows), (nint)(&columns), (nint)(&isPacked),
            ]);
        _spans.Launch(
            queue, new LaunchGrid(Tiles(rows.Capacity), LaunchGrid.Covering(PackedRows.Units(ElementType.Float32, columns, isTablePacked), SumThreads)), SumThreads,
            [(nint)(&ordered), (nint)(&parts), (nint)(&dTable), (nint)(&rows), (nint)(&columns), (nint)(&isTablePacked)]);
    }

    private static int Tiles(int rows) => LaunchGrid.Covering(rows, TilePlaces);

    private static long OrderBytes(int rows) => (((long)rows * sizeof(int)) + Alignment - 1) / Alignment * Alignment;
}
