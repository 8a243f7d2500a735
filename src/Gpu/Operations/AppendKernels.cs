using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>A token's projections rotated, normed and put into the cache, bfloat16: a block a row.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class AppendKernels(KernelLibrary library)
{
    /// <summary>Mirrors append_latents.cu.</summary>
    private const int Threads = 256;

    private readonly CudaKernel _append = library.Kernel("append_latents", "append_latents");

    /// <summary>Appends.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="query">(rows, heads · query columns).</param>
    /// <param name="latent">(rows, latent columns).</param>
    /// <param name="key">(rows, 2 · pairs).</param>
    /// <param name="append">Norm, tables and places.</param>
    /// <param name="normed">(rows, latent columns).</param>
    /// <param name="cache">(any, latent columns + 2 · pairs).</param>
    /// <param name="sizes">Sizes of rows.</param>
    /// <param name="rows">How many.</param>
    public void Append(CudaQueue queue, RowView query, RowView latent, RowView key, in LatentAppend append, RowView normed, RowView cache, AppendSizes sizes, int rows)
    {
        var appended = new AppendedRows
        {
            Query = query,
            Latent = latent,
            Key = key,
            Norm = RowView.AddressOf(append.Norm),
            Normed = normed,
            Cache = cache,
            Positions = RowView.AddressOf(append.Positions),
            Places = RowView.AddressOf(append.Places),
            Cos = RowView.Of(append.Cos),
            Sin = RowView.Of(append.Sin),
            Epsilon = append.Epsilon,
            Sizes = sizes,
        };
        _append.Launch(queue, rows, Threads, [(nint)(&appended)]);
    }

    /// <summary>Mirrors <c>appended_rows</c> of append_latents.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private record struct AppendedRows
    {
        public RowView Query, Latent, Key;
        public nuint Norm;
        public RowView Normed, Cache;
        public nuint Positions, Places;
        public RowView Cos, Sin;
        public float Epsilon;
        public AppendSizes Sizes;
    }
}

/// <summary>Columns of what is appended: the last numbers of <c>appended_rows</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AppendSizes(int Heads, int HeadColumns, int Pairs, int LatentColumns);
