using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Products in float32. An element is the same chain of fused multiply-adds in every tile, so that the tile may depend on the number of rows and a row's bits
/// do not. A library's product promises no such thing: it splits sums where there are few rows. So none is used here.
/// </summary>
/// <param name="library">Has the kernels.</param>
internal sealed class Float32Products(KernelLibrary library)
{
    private const string Source = "product_float32";

    private static readonly ProductTile Wide = new(Source, "wide", 128, 128, 256), Small = new(Source, "small", 64, 64, 256), Low = new(Source, "low", 16, 32, 128);

    private readonly ProductKernels _forward = new(library, ElementType.Float32, "linear", Wide, Small, Low);
    private readonly ProductKernels _backwardInput = new(library, ElementType.Float32, "linear_backward_input", Wide, Small, Low);
    private readonly ProductKernels _backwardWeight = new(library, ElementType.Float32, "linear_backward_weight", Wide, Small);

    /// <summary>The tile of a product whose rows are grouped, or not.</summary>
    public static ProductTile TileOfRows(Product product) =>
        product.Rows <= (long)Low.Rows * product.Groups ? Low
        : Wide.IsFilledBy(product.Rows / product.Groups, product.Columns) && Wide.GridOfRows(product).X >= ProductTile.EnoughBlocks / 2 ? Wide
        : Small;

    /// <summary>The tile of a product that sums over rows.</summary>
    public static ProductTile TileOverRows(Product product) => Wide.IsFilledBy(product.Rows, product.Columns) ? Wide : Small;

    /// <summary>Enqueues y = [addend +] x Wᵀ or dx = [addend +] dy W.</summary>
    public void OfRows(CudaQueue queue, ProductForm form, Product product) =>
        (form == ProductForm.Forward ? _forward : _backwardInput).OfRows(queue, TileOfRows(product), product, form);

    /// <summary>Enqueues dW = [addend +] dyᵀ x.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="product">The product.</param>
    /// <param name="scratch">Gives memory for the parts of split sums.</param>
    public void OverRows(CudaQueue queue, Product product, CudaScratch scratch) =>
        _backwardWeight.OverRows(queue, TileOverRows(product), product, scratch);
}
