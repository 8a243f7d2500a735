using Actors.Gpu.Driver;
using Actors.Tensors.Quantized;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Products of E4M3 on Hopper's tensor cores, which sum within a tile of 128 as <see cref="HopperSum"/> defines. Mirrors product_e4m3_hopper.cu.
/// </summary>
internal sealed unsafe class HopperQuantizedProducts
{
    private const string Source = "product_e4m3_hopper";
    private const int Stages = 6, Threads = 384, OperandBytes = TileCuts.TileElements * TileCuts.TileElements;
    private const int ScaleBytes = 2 * TileCuts.TileElements * sizeof(float), NoteBytes = 48;
    private const int SharedBytes = (Stages * ((2 * OperandBytes) + (2 * sizeof(ulong)))) + ((Stages + 1) * (ScaleBytes + NoteBytes));

    /// <summary>Blocks of a cluster: their tiles lie beside each other, and each copies so many of the left operand's rows to both.</summary>
    private const int ClusterBlocks = 2, CopiedRows = TileCuts.TileElements / ClusterBlocks;

    /// <summary>Addresses and strides of operands are multiples of this.</summary>
    private const int Alignment = 16;

    /// <summary>Fewer rows a group, or fewer columns or outputs, leave too much of a tile of 128 empty.</summary>
    private const int LeastRows = 64, LeastColumns = 96;

    private readonly CudaContext _context;
    private readonly CudaKernel _ofRows, _overRows;

    private HopperQuantizedProducts(KernelLibrary library)
    {
        _context = library.Context;
        _ofRows = library.Kernel(Source, "quantized_linear_hopper").WithDynamicShared(SharedBytes);
        _overRows = library.Kernel(Source, "quantized_linear_backward_weight_hopper").WithDynamicShared(SharedBytes);
    }

    /// <summary>They; null: the GPU has none.</summary>
    public static HopperQuantizedProducts? Of(KernelLibrary library) =>
        library.HasOwnPath && library.Context.MostSharedBytes >= SharedBytes ? new HopperQuantizedProducts(library) : null;

    /// <summary>Whether a product of rows can be computed by them: tiles of the sum lie at multiples of 128, and there are enough rows and columns.</summary>
    public static bool TakesRows(in ScaledProduct product) =>
        IsAligned(product.A) && IsAligned(product.B) && product.Depth.Length > 0
        && (product.Depth.Second == product.Depth.Length || product.Depth.Second % TileCuts.TileElements == 0)
        && product.Rows >= (long)LeastRows * product.Groups && product.Columns.Length >= LeastColumns;

    /// <summary>Whether a product that sums over rows can be computed by them.</summary>
    public static bool TakesSums(in ScaledProduct product) =>
        IsAligned(product.A) && IsAligned(product.B) && HasAlignedScales(product.A, product.Outputs) && HasAlignedScales(product.B, product.Columns.Length)
        && product.Outputs >= LeastColumns && product.Columns.Length >= LeastColumns;

    /// <summary>Enqueues y = [addend +] x Wᵀ, or dx = [addend +] dy W whose right operand is of transposed matrices.</summary>
    public void OfRows(CudaQueue queue, ScaledProduct product)
    {
        const int Rows = TileCuts.TileElements;
        int places = product.Offsets == 0 ? LaunchGrid.Covering(product.Rows, Rows) : checked((product.Rows / Rows) + product.Groups);
        Launch(
            queue, _ofRows, (long)places * Pairs(product), product, new Shape(product.Depth.Length, product.Rows, 1),
            new Shape(product.Depth.Length, product.Columns.Length, product.Groups), places);
    }

    /// <summary>Enqueues dW = [dW +] dyᵀ x of each group.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="product">The product.</param>
    /// <param name="codes">Codes of a transposed row.</param>
    public void OverRows(CudaQueue queue, ScaledProduct product, int codes) => Launch(
        queue, _overRows, (long)TileCuts.Covering(product.Outputs) * Pairs(product) * product.Groups, product,
        new Shape(codes, product.Outputs, 1), new Shape(codes, product.Columns.Length, 1), places: 0);

    private static bool IsAligned(in ScaledCodes operand) => operand.Codes.Data % Alignment == 0 && operand.Codes.Stride % Alignment == 0;

    /// <summary>Whether scales of a tile's rows or columns, which are so many, can be copied 16 bytes at a time.</summary>
    private static bool HasAlignedScales(in ScaledCodes operand, int count) =>
        operand.Scales % Alignment == 0 && (operand.TileScale | (uint)count) % (Alignment / sizeof(float)) == 0;

    /// <summary>Pairs of tiles beside each other.</summary>
    private static int Pairs(in ScaledProduct product) => LaunchGrid.Covering(product.Columns.Count, ClusterBlocks);

    /// <summary>Launches as many clusters as there are pairs of multiprocessors, which take one pair of tiles after the other.</summary>
    private void Launch(CudaQueue queue, CudaKernel kernel, long pairs, ScaledProduct product, Shape a, Shape b, int places)
    {
        byte* memory = stackalloc byte[(2 * sizeof(TensorMap)) + TensorMap.Alignment];
        var maps = (TensorMap*)(((nuint)memory + TensorMap.Alignment - 1) / TensorMap.Alignment * TensorMap.Alignment);
        Encode(maps, product.A.Codes, a, CopiedRows);
        Encode(maps + 1, product.B.Codes, b, TileCuts.TileElements);
        int clusters = (int)Math.Min(pairs, Math.Max(queue.Multiprocessors / ClusterBlocks, 1));
        kernel.Launch(
            queue, clusters * ClusterBlocks, Threads, [(nint)(&product), (nint)maps, (nint)(maps + 1), (nint)(&places)], SharedBytes);
    }

    private void Encode(TensorMap* map, RowView codes, Shape shape, int boxRows) => TensorMap.EncodeBytes(
        map, _context, codes.Data, codes.Stride, shape.Columns, shape.Rows, shape.Matrices, boxRows);

    /// <summary>Matrices of codes, one after the other.</summary>
    private readonly record struct Shape(int Columns, int Rows, int Matrices);
}
