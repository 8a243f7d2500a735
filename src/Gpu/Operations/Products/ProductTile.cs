using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>The part of a result that a block computes.</summary>
/// <param name="Source">File of its kernels.</param>
/// <param name="Name">Names them there.</param>
/// <param name="Rows">Rows of the part.</param>
/// <param name="Columns">Columns of the part.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block, in bytes.</param>
internal readonly record struct ProductTile(string Source, string Name, int Rows, int Columns, int Threads, int SharedBytes = 0)
{
    /// <summary>Blocks that keep the largest GPUs busy, two a multiprocessor. One number for all, so that the order of sums depends on shapes alone.</summary>
    public const int EnoughBlocks = 264;

    /// <summary>File of the kernels that Hopper alone runs.</summary>
    public const string HopperSource = "product_hopper";

    /// <summary>Least rows that a block sums over where a product is split.</summary>
    private const int LeastSplitRows = 256;

    /// <summary>Whether Hopper alone runs its kernels.</summary>
    public bool IsOfHopper => Source == HopperSource;

    /// <summary>Blocks of a product whose rows are grouped, or not; a group that ends within a tile takes the whole.</summary>
    public LaunchGrid GridOfRows(Product product) =>
        checked((product.Offsets == 0 ? LaunchGrid.Covering(product.Rows, Rows) : (product.Rows / Rows) + product.Groups) * LaunchGrid.Covering(product.Columns, Columns));

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

    /// <summary>Whether a result of that size leaves no more than a quarter of a tile empty.</summary>
    public bool IsFilledBy(int rows, int columns) => rows >= Rows / 4 * 3 && columns >= Columns / 4 * 3;
}
