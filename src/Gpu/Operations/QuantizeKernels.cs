using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations;

/// <summary>Rows of one type to E4M3 and to packed E5M6, and back.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored that are not quantized.</param>
internal sealed unsafe class QuantizeKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Elements that a thread moves at once. Mirrors <c>place_in_tile</c> of tile_scale.cuh.</summary>
    private const int LaneElements = 4;

    /// <summary>Elements that a thread moves at once where eight have a tile. Mirrors tile_team.cuh.</summary>
    public const int PartElements = 8;

    /// <summary>Threads that have a tile there.</summary>
    private const int TeamThreads = 8;

    /// <summary>Tiles of a block: where a warp has a tile it has four at once, where eight threads have one they have two. Mirrors quantize_tiles.cu.</summary>
    private const int BlockTiles = PackedRows.BlockThreads / PackedRows.WarpThreads * 4, BlockTeamTiles = PackedRows.BlockThreads / TeamThreads * 2;

    /// <summary>Tiles of a block where half a warp has one. Mirrors pack_e5m6.cu.</summary>
    private const int BlockPackedTiles = PackedRows.BlockThreads / PackedRows.WarpThreads * 2;

    private readonly CudaKernel _quantize = library.Kernel("quantize_tiles", type), _dequantize = library.Kernel("quantize_tiles", type, "dequantize_tiles");
    private readonly CudaKernel _blocks = library.Kernel("quantize_blocks", type);
    private readonly CudaKernel _transposed = library.Kernel("requantize_transposed", type, "quantize_transposed");
    private readonly CudaKernel _pack = library.Kernel("pack_e5m6", type, "pack_rows"), _unpack = library.Kernel("pack_e5m6", type, "unpack_rows");

    /// <summary>y = x in tiles of rows.</summary>
    public void Rows(CudaQueue queue, Tensor x, in QuantizedRows y, ScaleKind kind, RowCount rows)
    {
        RowView from = RowView.Of(x), codes = RowView.Of(y.Codes), scales = RowView.Of(y.Scales);
        TileCuts cuts = y.Cuts;
        bool isPowerOfTwo = kind == ScaleKind.PowerOfTwo, isPacked = ArePacked(PartElements, from, codes, cuts);
        _quantize.Launch(
            queue, LoopingBlocks(rows.Capacity, cuts.Count, isPacked ? BlockTeamTiles : BlockTiles), PackedRows.BlockThreads,
            [(nint)(&from), (nint)(&codes), (nint)(&scales), (nint)(&cuts), (nint)(&rows), (nint)(&isPowerOfTwo), (nint)(&isPacked)]);
    }

    /// <summary>y = code · scale of x.</summary>
    public void Back(CudaQueue queue, in QuantizedRows x, Tensor y, RowCount rows)
    {
        RowView to = RowView.Of(y), codes = RowView.Of(x.Codes), scales = RowView.Of(x.Scales);
        TileCuts cuts = x.Cuts;
        bool isPacked = ArePacked(LaneElements, to, codes, cuts);
        _dequantize.Launch(
            queue, LoopingBlocks(rows.Capacity, cuts.Count, BlockTiles), PackedRows.BlockThreads,
            [(nint)(&codes), (nint)(&scales), (nint)(&to), (nint)(&cuts), (nint)(&rows), (nint)(&isPacked)]);
    }

    /// <summary>y = weight in blocks.</summary>
    public void Matrices(CudaQueue queue, Tensor weight, in QuantizedBlocks y, ScaleKind kind)
    {
        RowView from = RowView.Of(weight), codes = RowView.Of(y.Codes), scales = RowView.Of(y.Scales);
        RowView transposed = RowView.Of(y.Transposed);
        TileCuts rowCuts = y.RowCuts, columnCuts = y.ColumnCuts;
        bool isPowerOfTwo = kind == ScaleKind.PowerOfTwo, isPacked = ArePacked(LaneElements, from, codes, columnCuts);
        _blocks.Launch(
            queue, new LaunchGrid(columnCuts.Count, checked(y.Groups * rowCuts.Count)), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&codes), (nint)(&scales), (nint)(&rowCuts), (nint)(&columnCuts), (nint)(&isPowerOfTwo), (nint)(&transposed), (nint)(&isPacked),
            ]);
    }

    /// <summary>y = x transposed, in tiles of the rows of a group.</summary>
    public void Tokens(CudaQueue queue, Tensor x, in QuantizedTokens y, ScaleKind kind, Tensor offsets)
    {
        RowView from = RowView.Of(x), codes = RowView.Of(y.Codes), scales = RowView.Of(y.Scales);
        nuint starts = RowView.AddressOf(offsets);
        int groups = offsets.IsAbsent ? 1 : offsets.Columns - 1, rows = y.Rows, places = y.Scales.Rows, columns = y.Columns;
        bool isPowerOfTwo = kind == ScaleKind.PowerOfTwo, isPacked = TokenQuantization.AreWords(codes);
        isPacked &= columns % PartElements == 0 && IsPacked(PartElements, from, type);
        _transposed.Launch(
            queue, TokenQuantization.GridOf(library.Context, y), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&starts), (nint)(&groups), (nint)(&rows), (nint)(&places), (nint)(&columns), (nint)(&codes), (nint)(&scales),
                (nint)(&isPowerOfTwo), (nint)(&isPacked),
            ]);
    }

    /// <summary>y = x in packs.</summary>
    public void Pack(CudaQueue queue, Tensor x, in PackedE5M6 y, RowCount rows)
    {
        RowView from = RowView.Of(x), words = RowView.Of(y.Words), scales = RowView.Of(y.Scales);
        int columns = y.Columns;
        bool isPacked = PackedRows.IsAligned(from, type);
        _pack.Launch(
            queue, PackBlocks(rows.Capacity, columns), PackedRows.BlockThreads,
            [(nint)(&from), (nint)(&words), (nint)(&scales), (nint)(&columns), (nint)(&rows), (nint)(&isPacked)]);
    }

    /// <summary>y = code · scale of packs.</summary>
    public void Unpack(CudaQueue queue, in PackedE5M6 x, Tensor y, RowCount rows)
    {
        RowView to = RowView.Of(y), words = RowView.Of(x.Words), scales = RowView.Of(x.Scales);
        int columns = x.Columns;
        bool isPacked = PackedRows.IsAligned(to, type);
        _unpack.Launch(
            queue, PackBlocks(rows.Capacity, columns), PackedRows.BlockThreads,
            [(nint)(&words), (nint)(&scales), (nint)(&to), (nint)(&columns), (nint)(&rows), (nint)(&isPacked)]);
    }

    private static int PackBlocks(int rows, int columns) =>
        (int)Math.Min(LaunchGrid.Covering((long)rows * TileCuts.Covering(columns), BlockPackedTiles), PackedRows.MostBlocks);

    /// <summary>As many blocks as the GPU has room for at once, which loop: they count tiles on.</summary>
    private int LoopingBlocks(int rows, int tiles, int blockTiles) =>
        rows == 0 ? 0 : PackedRows.Blocks(library.Context, LaunchGrid.Covering((long)rows * tiles, blockTiles));

    /// <summary>Whether a thread can move so many neighbours at once: rows and tiles begin and end at multiples of as many.</summary>
    private bool ArePacked(int elements, RowView rows, RowView codes, TileCuts cuts) =>
        IsPacked(elements, rows, type) && IsPacked(elements, codes, ElementType.E4M3) && (cuts.Length | cuts.Second) % elements == 0;

    /// <summary>Whether each row begins where a thread can move so many elements, 16 bytes at most at a time.</summary>
    public static bool IsPacked(int elements, RowView rows, ElementType type) =>
        rows.Data % (nuint)Math.Min(elements * type.SizeInBytes(), PackedRows.PackBytes) == 0
        && rows.Stride * type.SizeInBytes() % Math.Min(elements * type.SizeInBytes(), PackedRows.PackBytes) == 0;
}
