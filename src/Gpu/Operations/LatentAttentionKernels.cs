using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>
/// Attention of one new row a sequence over the compressed cache on a GPU, rows and weight of one type: queries into the latent space, parts of
/// the cache rows, parts combined in order, averages expanded to values.
/// </summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows and weight are stored.</param>
internal sealed unsafe class LatentAttentionKernels(KernelLibrary library, ElementType type)
{
    private const string File = "latent_attention";

    // Mirrors of latent_attention.cu, latent_part_packed.cu and latent_parts.cuh.
    private const int MostParts = 16, LeastPartRows = 64, BatchRows = 16, FewRows = 8, TileRows = 32, MostPackedLatent = 1024, WarpValues = 4,
        BlockThreads = 256, CombineThreads = 128, WarpLanes = 32, ReadInPlace = 0, ReadCopies = 1, ReadCombined = 2;

    /// <summary>What a block may ask for without more ado.</summary>
    private const int MostBytes = 47 << 10;

    private readonly CudaKernel _queries = library.Kernel(File, type, "latent_queries"), _part = library.Kernel(File, type, "latent_part"),
        _combine = library.Kernel(File, "latent_combine"), _values = library.Kernel(File, type, "latent_values");

    private readonly CudaKernel _fewQueries = library.Kernel(File, "latent_queries_few"), _packedPart = library.Kernel("latent_part_packed", "latent_part_packed");

    private readonly TensorLatentPart? _tensorPart = type == ElementType.BFloat16 ? new TensorLatentPart(library) : null;

    /// <summary>Bytes of scratch: a row's latent queries, and its parts' averages and sums, for each head.</summary>
    public static long ScratchBytes(int rows, int heads, int latent) => (long)rows * heads * (latent + MostParts * (latent + 2L)) * sizeof(float);

    /// <summary>Attends.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="q">(rows, heads · QueryColumns).</param>
    /// <param name="up">(heads · KeyValueColumns, latent).</param>
    /// <param name="cache">(cacheRows, latent + RopeColumns).</param>
    /// <param name="cacheRows">Rows of the cache: no sequence is longer.</param>
    /// <param name="firstRows">Address of int32 (rows).</param>
    /// <param name="lengths">Address of int32 (rows).</param>
    /// <param name="shape">Sizes of heads.</param>
    /// <param name="output">(rows, heads · ValueColumns).</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="latent">Elements of a latent.</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Attend(
        CudaQueue queue, RowView q, RowView up, RowView cache, int cacheRows, nuint firstRows, nuint lengths, AttentionShape shape, RowView output, int rows,
        int latent, nuint scratch)
    {
        int heads = shape.Heads, columnBlocks = LaunchGrid.Covering(latent, BlockThreads), batches = LaunchGrid.Covering(rows, BatchRows);
        int packed = PackedRows.IsAligned(up, type) && latent % PackedRows.Elements(type) == 0 ? 1 : 0;
        LatentScratch pieces = LatentScratch.Of(scratch, rows, heads, latent);
        bool isFew = rows <= FewRows;
        if (isFew && type == ElementType.BFloat16 && packed == 1)
        {
            _fewQueries.Launch(
                queue, new LaunchGrid(heads, columnBlocks), BlockThreads, [(nint)(&q), (nint)(&up), (nint)(&shape), (nint)(&rows), (nint)(&latent), (nint)(&pieces)]);
        }
        else
        {
            _queries.Launch(
                queue, new LaunchGrid(heads, columnBlocks, batches), BlockThreads,
                [(nint)(&q), (nint)(&up), (nint)(&shape), (nint)(&rows), (nint)(&latent), (nint)(&pieces)]);
        }

        int parts = Math.Min(MostParts, LaunchGrid.Covering(cacheRows, LeastPartRows)), columns = latent + shape.RopeColumns;
        int packedBytes = (TileRows * (columns + PackedRows.Elements(ElementType.BFloat16)) * sizeof(ushort)) + (columns * sizeof(float));
        if (_tensorPart is { } tensor && tensor.Takes(shape, latent, q, cache))
        {
            (CudaKernel kernel, int blockHeads, int threads, int tileBytes) = tensor.KernelFor(heads);
            kernel.Launch(
                queue, new LaunchGrid(LaunchGrid.Covering(heads, blockHeads), parts, rows), threads,
                [(nint)(&q), (nint)(&cache), (nint)(&firstRows), (nint)(&lengths), (nint)(&shape), (nint)(&pieces)], tileBytes);
        }
        else if (type == ElementType.BFloat16 && PackedRows.Fit(type, latent, cache) && PackedRows.Fit(type, columns) && latent <= MostPackedLatent && packedBytes <= MostBytes)
        {
            _packedPart.Launch(
                queue, new LaunchGrid(heads, parts, rows), BlockThreads,
                [(nint)(&q), (nint)(&cache), (nint)(&firstRows), (nint)(&lengths), (nint)(&shape), (nint)(&latent), (nint)(&pieces)], packedBytes);
        }
        else
        {
            _part.Launch(
                queue, new LaunchGrid(heads, MostParts * columnBlocks, rows), BlockThreads,
                [(nint)(&q), (nint)(&cache), (nint)(&firstRows), (nint)(&lengths), (nint)(&shape), (nint)(&latent), (nint)(&pieces)]);
        }

        int sharedBytes = Math.Min(rows, BatchRows) * latent * sizeof(float);
        int reads = sharedBytes > MostBytes ? ReadInPlace : isFew ? ReadCombined : latent % PackedRows.Elements(ElementType.Float32) == 0 ? ReadCopies : ReadInPlace;
        if (reads != ReadCombined)
        {
            _combine.Launch(queue, new LaunchGrid(heads, rows), CombineThreads, [(nint)(&lengths), (nint)(&heads), (nint)(&latent), (nint)(&pieces)]);
        }

        _values.Launch(
            queue, new LaunchGrid(heads, LaunchGrid.Covering(shape.ValueColumns, BlockThreads / WarpLanes * WarpValues), batches), BlockThreads,
            [
                (nint)(&up), (nint)(&shape), (nint)(&lengths), (nint)(&rows), (nint)(&latent), (nint)(&pieces), (nint)(&output), (nint)(&packed), (nint)(&reads),
            ],
            reads == ReadInPlace ? 0 : sharedBytes);
    }

    /// <summary>Mirrors <c>latent_scratch</c> of latent_attention.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct LatentScratch(nuint Queries, nuint Averages, nuint Sums)
    {
        public static LatentScratch Of(nuint address, int rows, int heads, int latent)
        {
            nuint averages = address + (nuint)((long)rows * heads * latent * sizeof(float));
            return new LatentScratch(address, averages, averages + (nuint)((long)rows * heads * MostParts * latent * sizeof(float)));
        }
    }
}
