using Actors.Gpu.Backend;
using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Products in float32. An element is the same chain of fused multiply-adds in every tile, so that the tile may depend on the number of rows and a row's bits
/// do not. A library's product promises no such thing: it splits sums where there are few rows. So none is used here.
/// </summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class Float32Products(KernelLibrary library)
{
    /// <summary>Rows up to which the lowest tile is taken: weights are then read once.</summary>
    private const int FewRows = 16;

    private static readonly ProductTile Wide = new("wide", 128, 128, 256), Small = new("small", 64, 64, 256), Low = new("low", 16, 32, 128);

    private readonly CudaKernel[] _forward = Load(library, "linear", Wide, Small, Low);
    private readonly CudaKernel[] _backwardInput = Load(library, "linear_backward_input", Wide, Small, Low);
    private readonly CudaKernel[] _backwardWeight = Load(library, "linear_backward_weight", Wide, Small);
    private readonly SplitSums _splitSums = new(library);

    /// <summary>The tile of a product whose rows are grouped, or not.</summary>
    public static ProductTile TileOfRows(Product product)
    {
        if (product.Rows <= (long)FewRows * product.Groups)
        {
            return Low;
        }

        return Fills(Wide, product.Rows / product.Groups, product.Columns) && Wide.GridOfRows(product).X >= ProductTile.EnoughBlocks / 2 ? Wide : Small;
    }

    /// <summary>The tile of a product that sums over rows.</summary>
    public static ProductTile TileOverRows(Product product) => Fills(Wide, product.Rows, product.Columns) ? Wide : Small;

    /// <summary>Enqueues y = [addend +] x Wᵀ or dx = [addend +] dy W.</summary>
    public void OfRows(CudaQueue queue, ProductForm form, Product product)
    {
        ProductTile tile = TileOfRows(product);
        CudaKernel[] kernels = form == ProductForm.Forward ? _forward : _backwardInput;
        kernels[tile == Wide ? 0 : tile == Small ? 1 : 2].Launch(queue, tile.GridOfRows(product), tile.Threads, [(nint)(&product)]);
    }

    /// <summary>Enqueues dW = [addend +] dyᵀ x.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="scratch">Gives memory for the parts of split sums.</param>
    /// <param name="product">The product.</param>
    public void OverRows(CudaQueue queue, CudaScratch scratch, Product product)
    {
        ProductTile tile = TileOverRows(product);
        int splits = tile.SplitsOverRows(product);
        Product part = splits == 1 ? product : SplitSums.PartOf(product, splits, scratch);
        _backwardWeight[tile == Wide ? 0 : 1].Launch(queue, tile.GridOverRows(product, splits), tile.Threads, [(nint)(&part)]);
        if (splits > 1)
        {
            _splitSums.Enqueue(queue, product, part, splits);
        }
    }

    private static bool Fills(ProductTile tile, int rows, int columns) => rows >= tile.Rows * 3 / 4 && columns >= tile.Columns * 3 / 4;

    private static CudaKernel[] Load(KernelLibrary library, string operation, params ReadOnlySpan<ProductTile> tiles)
    {
        var kernels = new CudaKernel[tiles.Length];
        for (int i = 0; i < kernels.Length; i++)
        {
            kernels[i] = library.Kernel("product_float32", $"{operation}_{tiles[i].Name}_float32");
        }

        return kernels;
    }
}
