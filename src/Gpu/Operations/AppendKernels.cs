using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>A token's projections rotated, normed and put into the cache, bfloat16.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class AppendKernels(KernelLibrary library)
{
    /// <summary>Mirrors append_rows.cuh.</summary>
    private const int Threads = 256;

    private readonly CudaKernel _append = library.Kernel("append_latents", "append_latents"), _one = library.Kernel("append_projected", "append_projected_1"),
        _several = library.Kernel("append_projected", $"append_projected_{FewRowKernels.MostRows}");

    /// <summary>Appends, a block a row.</summary>
    public void Append(CudaQueue queue, AppendedRows rows, int count) => _append.Launch(queue, count, Threads, [(nint)(&rows)]);

    /// <summary>Appends few rows, a block each, beside the product that gives their queries.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="product">Of the compressed queries' norm, into the queries; see <see cref="FewRowKernels.Takes(FewProduct)"/>.</param>
    /// <param name="rows">The rest of the rows, and how queries are rotated.</param>
    public void AppendProjected(CudaQueue queue, FewProduct product, AppendedRows rows)
    {
        // A warp has a pair of columns.
        int blocks = FewRowKernels.Blocks(library, product.Columns / 2);
        (product.Rows == 1 ? _one : _several).Launch(
            queue, product.Rows + blocks, Threads, [(nint)(&product), (nint)(&rows)], FewRowKernels.SharedBytes(product));
    }
}

/// <summary>Rows to append. Mirrors <c>appended_rows</c> of append_rows.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct AppendedRows
{
    public RowView Query, Latent, Key;
    public nuint Norm;
    public RowView Normed, Cache;
    public nuint Positions, Places;
    public RowView Cos, Sin;
    public float Epsilon;
    public int Heads, HeadColumns, Pairs, LatentColumns;

    public static AppendedRows Of(Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache) => new()
    {
        Query = RowView.Of(query),
        Latent = RowView.Of(latent),
        Key = RowView.Of(key),
        Norm = RowView.AddressOf(append.Norm),
        Normed = RowView.Of(normed),
        Cache = RowView.Of(cache),
        Positions = RowView.AddressOf(append.Positions),
        Places = RowView.AddressOf(append.Places),
        Cos = RowView.Of(append.Cos),
        Sin = RowView.Of(append.Sin),
        Epsilon = append.Epsilon,
        Heads = append.Heads,
        HeadColumns = query.Columns / append.Heads,
        Pairs = append.Cos.Columns,
        LatentColumns = latent.Columns,
    };
}
