using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Cpu.Simd.Products;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Simd.Quantized;

/// <summary>
/// A product of codes with scales: codes of a tile of the sum become float32 panels, which the kernels of <see cref="LinearProduct"/> sum in index order from
/// zero; then sum = fma(tile's sum, scale · scale, sum), tile after tile.
/// </summary>
internal unsafe struct ScaledProduct
{
    /// <summary>Rows that are summed together: what is decoded of the right matrix serves them all.</summary>
    public const int RowBlock = 256;

    /// <summary>From row to row of the sums.</summary>
    public const int SumStride = TileCuts.TileElements;

    private const int Tile = TileCuts.TileElements;

    /// <summary>Decoded rows begin a line more than a tile apart, so that they do not crowd the cache.</summary>
    private const int DecodedStride = Tile + CacheLine.Floats;

    private const int SumFloats = RowBlock * SumStride, LeftFloats = RowBlock * DecodedStride, RightFloats = Tile * DecodedStride, PanelFloats = Tile * Tile;

    /// <summary>Floats of scratch memory that <see cref="Sum"/> needs.</summary>
    public const int ScratchFloats = (2 * SumFloats) + LeftFloats + RightFloats + PanelFloats + LinearProduct.ScratchFloats;

    /// <summary>Left codes, (rows, depth), and from row to row.</summary>
    public byte* Left;

    /// <inheritdoc cref="Left"/>
    public nint LeftStride;

    /// <summary>Left scales, and how far one is from the next row's and from the next tile's of the sum.</summary>
    public float* LeftScales;

    /// <inheritdoc cref="LeftScales"/>
    public nint LeftRowScale, LeftTileScale;

    /// <summary>Right codes, (columns, depth), or (depth, columns) where they lie across the sum, and from row to row.</summary>
    public byte* Right;

    /// <inheritdoc cref="Right"/>
    public nint RightStride;

    /// <inheritdoc cref="Right"/>
    public bool RightIsAcross;

    /// <summary>Right scales, and how far one is from the next column's, from the next column tile's and from the next tile's of the sum.</summary>
    public float* RightScales;

    /// <inheritdoc cref="RightScales"/>
    public nint RightColumnScale, RightColumnTileScale, RightTileScale;

    /// <summary>How the sum is cut.</summary>
    public TileCuts Depth;

    /// <summary>How the columns of the result are cut.</summary>
    public TileCuts Columns;

    /// <summary>The sums of some rows and of a tile of columns.</summary>
    /// <param name="columnTile">The tile.</param>
    /// <param name="firstRow">The first of the rows.</param>
    /// <param name="rows">How many, <see cref="RowBlock"/> at most.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats; the sums are its first, rows <see cref="SumStride"/> apart.</param>
    [SkipLocalsInit]
    public readonly void Sum(int columnTile, int firstRow, int rows, float* scratch)
    {
        float* sums = scratch, parts = sums + SumFloats, left = parts + SumFloats, right = left + LeftFloats, panels = right + RightFloats;
        float* columnScales = stackalloc float[Tile];
        int column = Columns.Start(columnTile), width = Columns.Size(columnTile);
        new Span<float>(sums, rows * SumStride).Clear();
        for (int tile = 0; tile < Depth.Count; tile++)
        {
            int start = Depth.Start(tile), depth = Depth.Size(tile);
            for (int row = 0; row < rows; row++)
            {
                E4M3Lanes.Decode(Left + ((firstRow + row) * LeftStride) + start, depth, left + (row * DecodedStride));
            }

            DecodeRight(column, width, start, depth, right, panels);
            var product = new Strip { A = left, AStride = DecodedStride, C = parts, CStride = SumStride };
            LinearProduct.Run(product, rows, depth, width, RightMatrix.Packed(panels, width, depth), panels + PanelFloats);
            for (int i = 0; i < width; i++)
            {
                columnScales[i] = RightScales[((column + i) * RightColumnScale) + (columnTile * RightColumnTileScale) + (tile * RightTileScale)];
            }

            for (int row = 0; row < rows; row++)
            {
                float scale = LeftScales[((firstRow + row) * LeftRowScale) + (tile * LeftTileScale)];
                AddScaled(parts + (row * SumStride), scale, columnScales, sums + (row * SumStride), width);
            }
        }
    }

    private readonly void DecodeRight(int column, int width, int start, int depth, float* right, float* panels)
    {
        int rows = RightIsAcross ? depth : width, count = RightIsAcross ? width : depth;
        byte* codes = Right + (RightIsAcross ? (start * RightStride) + column : (column * RightStride) + start);
        for (int row = 0; row < rows; row++)
        {
            E4M3Lanes.Decode(codes + (row * RightStride), count, right + (row * DecodedStride));
        }

        if (RightIsAcross)
        {
            PanelPacking.Pack(right, DecodedStride, width, depth, panels);
        }
        else
        {
            PanelPacking.PackTransposed(right, DecodedStride, width, depth, panels);
        }
    }

    private static void AddScaled(float* part, float rowScale, float* columnScales, float* sums, int count)
    {
        Vector512<float> scale = Vector512.Create(rowScale);
        for (int i = 0; i < count; i += Lanes.Count)
        {
            int left = count - i;
            Vector512<float> sum = Vector512.FusedMultiplyAdd(Lanes.Load(part + i, left), scale * Lanes.Load(columnScales + i, left), Lanes.Load(sums + i, left));
            Lanes.Store(sum, sums + i, left);
        }
    }
}
