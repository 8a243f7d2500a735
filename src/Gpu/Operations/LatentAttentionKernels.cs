using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>
/// Attention of one new row a sequence over the compressed cache on a GPU, rows and weight of one type: queries into the latent space, parts of
/// the cache rows, parts combined in order, averages expanded to values. Of few rows that are whole packs the last two end the parts' kernel.
/// </summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows and weight are stored.</param>
internal sealed unsafe class LatentAttentionKernels(KernelLibrary library, ElementType type)
{
    private const string File = "latent_attention";

    // Mirrors of latent_attention.cu, latent_part.cuh and latent_parts.cuh.
    private const int MostParts = 16, LeastPartRows = 64, BatchRows = 16, FewRows = 8, TileRows = 32, MostPackedLatent = 1024, WarpValues = 4,
        BlockThreads = 256, CombineThreads = 128, WarpLanes = 32, ReadInPlace = 0, ReadCopies = 1, ReadCombined = 2;

    /// <summary>What a block may ask for without more ado.</summary>
    private const int MostBytes = 47 << 10;

    /// <summary>What the one kernel's blocks have beside a tile, to add queries up. Mirrors latent_attention_few.cu.</summary>
    private const int QuerySumBytes = 8 << 10;

    /// <summary>Weights that all parts together may read to bring queries into the latent space: beyond, a kernel of its own takes less.</summary>
    private const long MostAbsorbedBytes = 16 << 20;

    private readonly CudaKernel _queries = library.Kernel(File, type, "latent_queries"), _part = library.Kernel(File, type, "latent_part"),
        _combine = library.Kernel(File, "latent_combine"), _values = library.Kernel(File, type, "latent_values");

    private readonly CudaKernel _fewQueries = library.Kernel(File, "latent_queries_few"), _packedPart = library.Kernel("latent_part_packed", "latent_part_packed"),
        _few = library.Kernel("latent_attention_few", "latent_attention_few");

    private readonly TensorLatentPart? _tensorPart = type == ElementType.BFloat16 ? new TensorLatentPart(library) : null;

    /// <summary>Bytes of scratch: a row's latent queries, and its parts' averages and sums, for each head.</summary>
    public static long ScratchBytes(int rows, int heads, int latent) => (long)rows * heads * (latent + MostParts * (latent + 2L)) * sizeof(float);

    /// <summary>Bytes of counters that are zero: one a head of a row, where rows are few.</summary>
    public static long CounterBytes(int rows, int heads) => rows <= FewRows ? (long)rows * heads * sizeof(int) : sizeof(int);

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
    /// <param name="counters">Address of <see cref="CounterBytes"/>.</param>
    public void Attend(
        CudaQueue queue, RowView q, RowView up, RowView cache, int cacheRows, nuint firstRows, nuint lengths, AttentionShape shape, RowView output, int rows,
        int latent, nuint scratch, nuint counters)
    {
        int heads = shape.Heads, columnBlocks = LaunchGrid.Covering(latent, BlockThreads), batches = LaunchGrid.Covering(rows, BatchRows);
        int packed = PackedRows.IsAligned(up, type) && latent % PackedRows.Elements(type) == 0 ? 1 : 0;
        int parts = Math.Min(MostParts, LaunchGrid.Covering(cacheRows, LeastPartRows)), columns = latent + shape.RopeColumns;
        int packedBytes = (TileRows * (columns + PackedRows.Elements(ElementType.BFloat16)) * sizeof(ushort)) + (columns * sizeof(float));
        LatentScratch pieces = LatentScratch.Of(scratch, rows, heads, latent);
        bool isFew = rows <= FewRows, isTensor = _tensorPart?.Takes(shape, latent, q, cache) == true;
        bool isPackedPart = !isTensor && type == ElementType.BFloat16 && PackedRows.Fit(type, latent, cache) && PackedRows.Fit(type, columns)
            && latent <= MostPackedLatent && packedBytes <= MostBytes;
        bool isOne = isFew && isPackedPart && packed == 1 && packedBytes <= MostBytes - QuerySumBytes;
        int absorbs = isOne && (long)rows * heads * parts * shape.NopeColumns * latent * sizeof(ushort) <= MostAbsorbedBytes ? 1 : 0;
        if (absorbs == 0)
        {
            bool isFewQueries = isFew && type == ElementType.BFloat16 && packed == 1;
            (isFewQueries ? _fewQueries : _queries).Launch(
                queue, new LaunchGrid(heads, columnBlocks, isFewQueries ? 1 : batches), BlockThreads,
                [(nint)(&q), (nint)(&up), (nint)(&shape), (nint)(&rows), (nint)(&latent), (nint)(&pieces)]);
        }

        if (isOne)
        {
            _few.Launch(
                queue, new LaunchGrid(heads, parts, rows), BlockThreads,
                [
                    (nint)(&q), (nint)(&up), (nint)(&cache), (nint)(&firstRows), (nint)(&lengths), (nint)(&shape), (nint)(&latent), (nint)(&pieces),
                    (nint)(&output), (nint)(&counters), (nint)(&absorbs),
                ],
                packedBytes);
            return;
        }

        if (isTensor)
        {
            (CudaKernel kernel, int blockHeads, int threads, int tileBytes) = _tensorPart!.KernelFor(heads);
            kernel.Launch(
                queue, new LaunchGrid(LaunchGrid.Covering(heads, blockHeads), parts, rows), threads,
                [(nint)(&q), (nint)(&cache), (nint)(&firstRows), (nint)(&lengths), (nint)(&shape), (nint)(&pieces)], tileBytes);
        }
        else if (isPackedPart)
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

        Expand(queue, up, lengths, shape, output, rows, latent, pieces, packed);
    }

    /// <summary>Combines the parts, in a kernel of its own where rows are many, and expands their averages to values.</summary>
    private void Expand(
        CudaQueue queue, RowView up, nuint lengths, AttentionShape shape, RowView output, int rows, int latent, LatentScratch pieces, int packed)
    {
        int heads = shape.Heads, sharedBytes = Math.Min(rows, BatchRows) * latent * sizeof(float);
        int reads = sharedBytes > MostBytes ? ReadInPlace
            : rows <= FewRows ? ReadCombined
            : latent % PackedRows.Elements(ElementType.Float32) == 0 ? ReadCopies : ReadInPlace;
        if (reads != ReadCombined)
        {
            _combine.Launch(queue, new LaunchGrid(heads, rows), CombineThreads, [(nint)(&lengths), (nint)(&heads), (nint)(&latent), (nint)(&pieces)]);
        }

        _values.Launch(
            queue, new LaunchGrid(heads, LaunchGrid.Covering(shape.ValueColumns, BlockThreads / WarpLanes * WarpValues), LaunchGrid.Covering(rows, BatchRows)),
            BlockThreads,
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
