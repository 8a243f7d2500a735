using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Products and feed-forwards of few rows of bfloat16, which are bound by reading weights: a warp has an output column.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class FewRowKernels(KernelLibrary library)
{
    /// <summary>Rows whose sums a thread holds. Mirrors product_few.cu.</summary>
    public const int MostRows = 8;

    // Mirrors of product_few.cu and experts_few.cu.
    private const int Threads = 256, Warps = Threads / PackedRows.WarpThreads, MostChoices = 32;

    /// <summary>What a block may ask for without more ado.</summary>
    private const int MostSharedBytes = 47 << 10;

    private readonly CudaKernel _one = library.Kernel("product_few", "linear_few_1"), _several = library.Kernel("product_few", $"linear_few_{MostRows}"),
        _activate = library.Kernel("experts_few", "experts_few_activate"), _sum = library.Kernel("experts_few", "experts_few_sum");

    /// <summary>Bytes of scratch of a feed-forward: each choice's inner columns.</summary>
    public static long ScratchBytes(FewExperts work) => (long)work.Rows * work.Choices * work.Inner * sizeof(ushort);

    /// <summary>Whether a product's rows are few, and begin where they can be read by packs.</summary>
    public static bool Takes(FewProduct product) => product.Rows <= MostRows && (long)product.Rows * product.Depth * sizeof(ushort) <= MostSharedBytes
        && PackedRows.Fit(ElementType.BFloat16, product.Depth, product.X, product.Weight) && (product.Norm == 0 || PackedRows.Fit(ElementType.BFloat16, product.Depth, product.Normed));

    /// <inheritdoc cref="Takes(FewProduct)"/>
    public static bool Takes(FewExperts work) => work.Rows <= MostRows && work.Choices is > 0 and <= MostChoices
        && PackedRows.Fit(ElementType.BFloat16, work.Depth, work.X, work.GateUp) && PackedRows.Fit(ElementType.BFloat16, work.Inner, work.Down);

    /// <summary>y = [addend +] x Wᵀ, of the norm of x where there is one.</summary>
    public void Linear(CudaQueue queue, FewProduct product)
    {
        int blocks = PackedRows.Blocks(library.Context, LaunchGrid.Covering(product.Columns, Warps));
        (product.Rows == 1 ? _one : _several).Launch(queue, blocks, Threads, [(nint)(&product)], product.Rows * product.Depth * sizeof(ushort));
    }

    /// <summary>y = addend + the choices' weighted feed-forwards.</summary>
    public void FeedForward(CudaQueue queue, FewExperts work)
    {
        _activate.Launch(queue, new LaunchGrid(LaunchGrid.Covering(work.Inner, Warps), work.Rows * work.Choices), Threads, [(nint)(&work)]);
        _sum.Launch(queue, new LaunchGrid(LaunchGrid.Covering(work.Outputs, Warps), work.Rows), Threads, [(nint)(&work)]);
    }
}

/// <summary>A product of few rows. Mirrors <c>few_product</c> of product_few.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FewProduct
{
    public RowView X, Weight, Addend;
    public nuint Result;
    public long ResultStride;
    public nuint Norm;
    public RowView Normed;
    public nuint Rstd;
    public float Epsilon;
    public int Rows, Columns, Depth, ResultIsFloat32;
}

/// <summary>Feed-forwards of few rows. Mirrors <c>few_experts</c> of experts_few.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FewExperts
{
    public RowView X, Experts, Weights, GateUp, Down, Addend, Y;
    public nuint Activated;
    public int Rows, Choices, Depth, Inner, Outputs;
}
