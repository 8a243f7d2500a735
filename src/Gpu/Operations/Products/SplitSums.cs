using Actors.Gpu.Backend;
using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>Adds the parts of a product that was split over its rows, from the first part to the last.</summary>
/// <param name="library">Has the kernel.</param>
internal sealed unsafe class SplitSums(KernelLibrary library)
{
    /// <summary>Most memory that parts take: a product is split where it has fewer tiles than keep a GPU busy, and the largest tile has 128 x 256 sums.</summary>
    public const long MostBytes = (long)ProductTile.EnoughBlocks * 128 * 256 * sizeof(float);

    private readonly CudaKernel _sum = library.Kernel("sum_splits", "sum_splits_float32");

    /// <summary>The product whose results are its parts, one matrix after the other and one part after the other, in scratch memory.</summary>
    public static Product PartOf(Product product, int splits, CudaScratch scratch) => product with
    {
        Result = new RowView(scratch.Take((long)splits * product.Groups * product.Rows * product.Columns * sizeof(float)), product.Columns),
        Addend = default,
    };

    /// <summary>Enqueues the sum.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="product">Has the result.</param>
    /// <param name="part">Has the parts.</param>
    /// <param name="splits">How many parts.</param>
    public void Enqueue(CudaQueue queue, Product product, Product part, int splits)
    {
        nuint parts = part.Result.Data;
        RowView result = product.Result, addend = product.Addend;
        int rows = checked(product.Groups * product.Rows), columns = product.Columns;
        long blocks = LaunchGrid.Covering((long)rows * columns, PackedRows.BlockThreads);
        _sum.Launch(
            queue, PackedRows.Blocks(library.Context, blocks), PackedRows.BlockThreads,
            [(nint)(&parts), (nint)(&splits), (nint)(&result), (nint)(&addend), (nint)(&rows), (nint)(&columns)]);
    }
}
