using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations.Products;

/// <summary>The kernels of one form of product, one a tile.</summary>
internal sealed unsafe class ProductKernels
{
    private readonly ProductTile[] _tiles;
    private readonly CudaKernel[] _kernels;
    private readonly SplitSums _splitSums;

    /// <summary>Loads them.</summary>
    /// <param name="library">Has the kernels.</param>
    /// <param name="type">Of the operands.</param>
    /// <param name="operation">Name of the form in the source.</param>
    /// <param name="tiles">The tiles that it has. Those that the GPU cannot run are not loaded.</param>
    public ProductKernels(KernelLibrary library, ElementType type, string operation, params ReadOnlySpan<ProductTile> tiles)
    {
        _tiles = [.. tiles];
        _kernels = new CudaKernel[tiles.Length];
        _splitSums = new SplitSums(library);
        string end = $"{type}".ToLowerInvariant();
        for (int i = 0; i < tiles.Length; i++)
        {
            if (tiles[i].SharedBytes <= library.Context.MostSharedBytes && (!tiles[i].IsOfHopper || library.HasOwnPath))
            {
                CudaKernel kernel = library.Kernel(tiles[i].Source, $"{operation}_{tiles[i].Name}_{end}");
                _kernels[i] = tiles[i].SharedBytes > 0 ? kernel.WithDynamicShared(tiles[i].SharedBytes) : kernel;
            }
        }
    }

    /// <summary>Enqueues y = [addend +] x Wᵀ or dx = [addend +] dy W.</summary>
    public void OfRows(CudaQueue queue, ProductTile tile, Product product, ProductForm form) =>
        Launch(queue, tile, tile.GridOfRows(product), product, form, tile.RowPlaces(product));

    /// <summary>Enqueues dW = [addend +] dyᵀ x.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="product">The product.</param>
    /// <param name="scratch">Gives memory for the parts of split sums.</param>
    public void OverRows(CudaQueue queue, ProductTile tile, Product product, CudaScratch scratch)
    {
        int splits = tile.SplitsOverRows(product);
        Product part = splits == 1 ? product : SplitSums.PartOf(product, splits, scratch);
        Launch(queue, tile, tile.GridOverRows(product, splits), part, ProductForm.BackwardWeight, splits);
        if (splits > 1)
        {
            _splitSums.Enqueue(queue, product, part, splits);
        }
    }

    /// <summary>
    /// Launches a kernel. Blocks compute a tile each, but for sums over rows on Hopper: as many blocks as there are multiprocessors take one tile after the other, so
    /// that copies run ahead while sums, twice as many bytes in float32, are stored. Where the queue leaves some of them to another, all of Hopper's products do so:
    /// a block takes a whole multiprocessor.
    /// </summary>
    private void Launch(CudaQueue queue, ProductTile tile, LaunchGrid grid, Product product, ProductForm form, int shares)
    {
        CudaKernel kernel = _kernels[Array.IndexOf(_tiles, tile)];
        if (!tile.IsOfHopper)
        {
            kernel.Launch(queue, grid, tile.Threads, [(nint)(&product)], tile.SharedBytes);
            return;
        }

        byte* memory = stackalloc byte[(2 * sizeof(TensorMap)) + TensorMap.Alignment];
        var maps = (TensorMap*)(((nuint)memory + TensorMap.Alignment - 1) / TensorMap.Alignment * TensorMap.Alignment);
        tile.EncodeOperands(maps, queue.Context, form, product);
        long tiles = (long)grid.X * grid.Y * grid.Z;
        int blocks = checked((int)(form == ProductForm.BackwardWeight || queue.SharesGpu ? Math.Min(tiles, queue.Multiprocessors) : tiles));
        kernel.Launch(queue, blocks, tile.Threads, [(nint)(&product), (nint)maps, (nint)(maps + 1), (nint)(&shares)], tile.SharedBytes);
    }
}
