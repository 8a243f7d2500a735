using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>The part of a result that a block computes.</summary>
/// <param name="Source">File of its kernels.</param>
/// <param name="Name">Names them there.</param>
/// <param name="Rows">Rows of the part.</param>
/// <param name="Columns">Columns of the part.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block, in bytes.</param>
internal readonly unsafe record struct ProductTile(string Source, string Name, int Rows, int Columns, int Threads, int SharedBytes = 0)
{
    /// <summary>Blocks that keep the largest GPUs busy, two a multiprocessor. One number for all, so that the order of sums depends on shapes alone.</summary>
    public const int EnoughBlocks = 264;

    /// <summary>File of the kernels that Hopper alone runs.</summary>
    public const string HopperSource = "product_hopper";

    /// <summary>Least rows that a block sums over where a product is split.</summary>
    private const int LeastSplitRows = 256;

    /// <summary>Whether Hopper alone runs its kernels.</summary>
    public bool IsOfHopper => Source == HopperSource;

    /// <summary>Places of tiles of rows, grouped or not; a group that ends within a tile takes the whole.</summary>
    public int RowPlaces(Product product) =>
        product.Offsets == 0 ? LaunchGrid.Covering(product.Rows, Rows) : checked((product.Rows / Rows) + product.Groups);

    /// <summary>Blocks of a product whose rows are grouped, or not.</summary>
    public LaunchGrid GridOfRows(Product product) => checked(RowPlaces(product) * LaunchGrid.Covering(product.Columns, Columns));

    /// <summary>Blocks of a product that sums over rows.</summary>
    /// <param name="product">The product.</param>
    /// <param name="splits">Parts of each sum.</param>
    public LaunchGrid GridOverRows(Product product, int splits) =>
        new(checked(LaunchGrid.Covering(product.Rows, Rows) * LaunchGrid.Covering(product.Columns, Columns)), splits, product.Groups);

    /// <summary>Into how many parts sums over rows are split: more than one where there are too few tiles for a GPU and enough rows.</summary>
    public int SplitsOverRows(Product product)
    {
        long tiles = (long)LaunchGrid.Covering(product.Rows, Rows) * LaunchGrid.Covering(product.Columns, Columns) * product.Groups;
        long byRows = product.Depth / product.Groups / LeastSplitRows;
        return (int)Math.Max(1, Math.Min(EnoughBlocks / tiles, byRows));
    }

    /// <summary>Writes the maps of both operands, whose boxes are what Hopper's kernels copy at once.</summary>
    /// <param name="maps">Where: two, at a multiple of <see cref="TensorMap.Alignment"/>.</param>
    /// <param name="context">The GPU.</param>
    /// <param name="form">Which product.</param>
    /// <param name="product">The product.</param>
    public void EncodeOperands(TensorMap* maps, CudaContext context, ProductForm form, Product product)
    {
        bool aIsAlong = form != ProductForm.BackwardWeight;
        Encode(maps, context, product.A, aIsAlong, product.Rows, product.Depth, matrices: 1, Rows);
        Encode(maps + 1, context, product.B, form == ProductForm.Forward, product.Columns, product.Depth, aIsAlong ? product.Groups : 1, Columns);
    }

    /// <summary>Whether a result of that size leaves no more than a quarter of a tile empty.</summary>
    public bool IsFilledBy(int rows, int columns) => rows >= Rows / 4 * 3 && columns >= Columns / 4 * 3;

    /// <summary>Rows that lie along the sum are copied with all of a tile's rows at once, others 64 by 64.</summary>
    private static void Encode(TensorMap* map, CudaContext context, RowView operand, bool isAlong, int rows, int depth, int matrices, int tileRows) =>
        TensorMap.Encode(
            map, context, operand.Data, operand.Stride, columns: isAlong ? depth : rows, rows: isAlong ? rows : depth, matrices,
            boxRows: isAlong ? tileRows : TensorMap.BoxColumns);
}
