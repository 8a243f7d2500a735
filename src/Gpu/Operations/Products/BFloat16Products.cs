using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Products of bfloat16 on tensor cores, sums in float32: an element is one chain over its sum. On Hopper the widest tiles are computed by its own tensor
/// cores, which may round otherwise than those that all GPUs have. Tiles mirror those of product_bfloat16.cu and product_hopper.cu.
/// </summary>
/// <param name="library">Has the kernels.</param>
internal sealed class BFloat16Products(KernelLibrary library)
{
    private static readonly ProductTile Wide = Tile("wide", 128, 256, 256, depth: 64, stages: 4), Square = Tile("square", 128, 128, 128, depth: 64, stages: 3),
        Small = Tile("small", 64, 64, 128, depth: 64, stages: 4), Low = Tile("low", 16, 64, 128, depth: 128, stages: 4), Unaligned = Small with { Name = "unaligned" },
        HopperWide = HopperTile("hopper_wide", Wide, stages: 4), HopperSquare = HopperTile("hopper_square", Square, stages: 6);

    private readonly bool _hasWide = library.Context.MostSharedBytes >= Wide.SharedBytes, _isHopper = library.HasOwnPath;
    private readonly ProductKernels _forward =
        new(library, ElementType.BFloat16, "linear", Wide, Square, Small, Low, Unaligned, HopperWide, HopperSquare);

    private readonly ProductKernels _backwardInput =
        new(library, ElementType.BFloat16, "linear_backward_input", Wide, Square, Small, Low, Unaligned, HopperWide, HopperSquare);

    private readonly ProductKernels _backwardWeight =
        new(library, ElementType.BFloat16, "linear_backward_weight", Wide, Square, Small, Unaligned, HopperWide, HopperSquare);

    /// <summary>Whether rows of both operands can be read 16 bytes at a time.</summary>
    public static bool IsAligned(Product product) => PackedRows.IsAligned(product.A, ElementType.BFloat16) && PackedRows.IsAligned(product.B, ElementType.BFloat16);

    /// <summary>The tile of a product whose rows are grouped, or not.</summary>
    /// <param name="product">The product.</param>
    /// <param name="hasWide">Whether the GPU has shared memory for the widest.</param>
    public static ProductTile TileOfRows(Product product, bool hasWide)
    {
        int rows = product.Rows / product.Groups;
        return !IsAligned(product) ? Unaligned
            : product.Rows <= (long)Low.Rows * product.Groups ? Low
            : hasWide && Fills(Wide, rows, product) ? Wide
            : Fills(Square, rows, product) ? Square
            : Small;
    }

    /// <summary>The tile of a product that sums over rows.</summary>
    /// <param name="product">The product.</param>
    /// <param name="hasWide">Whether the GPU has shared memory for the widest.</param>
    public static ProductTile TileOverRows(Product product, bool hasWide)
    {
        LaunchGrid wide = Wide.GridOverRows(product, splits: 1);
        return !IsAligned(product) ? Unaligned
            : hasWide && Wide.IsFilledBy(product.Rows, product.Columns) && (long)wide.X * wide.Z >= ProductTile.EnoughBlocks / 2 ? Wide
            : Square.IsFilledBy(product.Rows, product.Columns) ? Square
            : Small;
    }

    /// <summary>Enqueues y = [addend +] x Wᵀ or dx = [addend +] dy W.</summary>
    public void OfRows(CudaQueue queue, ProductForm form, Product product) =>
        (form == ProductForm.Forward ? _forward : _backwardInput).OfRows(queue, Own(TileOfRows(product, _hasWide), product), product, form);

    /// <summary>Enqueues dW = [addend +] dyᵀ x.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="product">The product.</param>
    /// <param name="scratch">Gives memory for the parts of split sums.</param>
    public void OverRows(CudaQueue queue, Product product, CudaScratch scratch) =>
        _backwardWeight.OverRows(queue, Own(TileOverRows(product, _hasWide), product), product, scratch);

    /// <summary>Whether there are tiles for all multiprocessors, and rows and columns for all of a tile.</summary>
    private static bool Fills(ProductTile tile, int rows, Product product) =>
        tile.IsFilledBy(rows, product.Columns) && tile.GridOfRows(product).X >= ProductTile.EnoughBlocks / 2;

    /// <summary>The tile as Hopper computes it; an operand without elements cannot be described to it.</summary>
    /// <param name="tile">That of other GPUs.</param>
    /// <param name="product">The product.</param>
    public static ProductTile OnHopper(ProductTile tile, Product product) =>
        product.Depth == 0 ? tile : tile == Wide ? HopperWide : tile == Square ? HopperSquare : tile;

    private ProductTile Own(ProductTile tile, Product product) => _isHopper ? OnHopper(tile, product) : tile;

    private static ProductTile Tile(string name, int rows, int columns, int threads, int depth, int stages) =>
        new("product_bfloat16", name, rows, columns, threads, (rows + columns) * depth * stages * sizeof(ushort));

    /// <summary>Two groups of four warps multiply, a third copies; each stage has two barriers and a note of its tile.</summary>
    private static ProductTile HopperTile(string name, ProductTile tile, int stages)
    {
        const int Depth = 64, Threads = 384, NoteBytes = 24;
        int stageBytes = ((tile.Rows + tile.Columns) * Depth * sizeof(ushort)) + (2 * sizeof(ulong)) + NoteBytes;
        return new(ProductTile.HopperSource, name, tile.Rows, tile.Columns, Threads, stageBytes * stages);
    }
}
