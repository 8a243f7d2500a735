using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Products and feed-forwards of few rows of bfloat16, which are bound by reading weights: a warp has an output column.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class FewRowKernels(KernelLibrary library)
{
    /// <summary>Rows whose sums a thread holds. Mirrors linear_few.cuh.</summary>
    public const int MostRows = 8;

    // Mirrors of linear_few.cuh, gate_few.cu and experts_few.cu.
    private const int Threads = 256, Warps = Threads / PackedRows.WarpThreads, MostChoices = 32, MostKept = 32, SumColumns = 8, SegmentColumns = 512, MostSumWarps = 16;

    /// <summary>What a block may ask for without more ado.</summary>
    private const int MostSharedBytes = 47 << 10;

    /// <summary>Weights of a kernel that the one before may bring to the second-level cache, which has 40 MB on the smallest card of data centers.</summary>
    private const long MostPrefetchedBytes = 16 << 20;

    private readonly CudaKernel _one = library.Kernel("product_few", "linear_few_1"), _several = library.Kernel("product_few", $"linear_few_{MostRows}"),
        _activate = library.Kernel("experts_few", "experts_few_activate"), _sum = library.Kernel("experts_few", "experts_few_sum");

    private readonly CudaKernel _gateOfOne = library.Kernel("gate_few", "gate_few_1"), _gateOfSeveral = library.Kernel("gate_few", $"gate_few_{MostRows}");

    /// <summary>Bytes of scratch of a feed-forward: the inner columns of each row's choices and of the shared expert.</summary>
    public static long ScratchBytes(FewExperts work) => (long)work.Rows * ((work.Choices * work.Routed.Inner) + work.Shared.Inner) * sizeof(ushort);

    /// <summary>Whether a product's rows are few, and begin where they can be read by packs.</summary>
    public static bool Takes(FewProduct product) => product.Rows <= MostRows && SharedBytes(product) <= MostSharedBytes
        && PackedRows.Fit(ElementType.BFloat16, product.Depth, product.X, product.Weight) && (product.Norm == 0 || PackedRows.Fit(ElementType.BFloat16, product.Depth, product.Normed));

    /// <inheritdoc cref="Takes(FewProduct)"/>
    public static bool Takes(FewExperts work) => work.Rows <= MostRows && work.Choices <= MostChoices
        && (long)work.Depth * sizeof(ushort) <= MostSharedBytes && (long)Segments(work) * SumColumns * sizeof(float) <= MostSharedBytes
        && PackedRows.Fit(ElementType.BFloat16, work.Depth, work.X) && IsPacked(work.Routed) && IsPacked(work.Shared);

    /// <summary>Whether a product that is taken may end with a choice of experts.</summary>
    public static bool Takes(FewGate gate) => gate.Rule.Groups <= MostKept && gate.Rule.ExpertsKept <= MostKept && ChoiceBytes(gate) <= MostSharedBytes;

    /// <summary>Bytes of a product's rows in a block's shared memory.</summary>
    public static int SharedBytes(FewProduct product) => checked(product.Rows * product.Depth * sizeof(ushort));

    /// <summary>Blocks of a product, a warp for each of so many columns or pairs of them.</summary>
    public static int Blocks(KernelLibrary library, int columns) => PackedRows.Blocks(library.Context, LaunchGrid.Covering(columns, Warps));

    /// <summary>y = [addend +] x Wᵀ, of the norm of x where there is one.</summary>
    public void Linear(CudaQueue queue, FewProduct product) => (product.Rows == 1 ? _one : _several).Launch(
        queue, Blocks(library, product.Columns), Threads, [(nint)(&product)], SharedBytes(product));

    /// <summary>The same into a gate's scores, by which experts are chosen: in the last block.</summary>
    public void Gate(CudaQueue queue, FewGate gate) => (gate.Product.Rows == 1 ? _gateOfOne : _gateOfSeveral).Launch(
        queue, Blocks(library, gate.Product.Columns), Threads, [(nint)(&gate)], Math.Max(SharedBytes(gate.Product), ChoiceBytes(gate)));

    /// <summary>y = addend + (the choices' weighted feed-forwards + the shared one).</summary>
    public void FeedForward(CudaQueue queue, FewExperts work)
    {
        int terms = work.Choices + (work.Shared.Inner > 0 ? 1 : 0), segments = Segments(work);
        long downBytes = (((long)work.Rows * work.Choices * work.Routed.Inner) + work.Shared.Inner) * work.Outputs * sizeof(ushort);
        work.Prefetches = downBytes <= MostPrefetchedBytes ? 1 : 0;
        _activate.Launch(
            queue, new LaunchGrid(LaunchGrid.Covering(Math.Max(work.Routed.Inner, work.Shared.Inner), Warps), work.Rows * terms), Threads, [(nint)(&work)],
            work.Depth * sizeof(ushort));
        _sum.Launch(
            queue, new LaunchGrid(LaunchGrid.Covering(work.Outputs, SumColumns), work.Rows), Math.Min(segments, MostSumWarps) * PackedRows.WarpThreads,
            [(nint)(&work)], segments * SumColumns * sizeof(float));
    }

    /// <summary>Shared memory of the choice: two numbers an expert.</summary>
    private static int ChoiceBytes(FewGate gate) => checked(gate.Product.Rows * gate.Product.Columns * 2 * sizeof(float));

    /// <summary>Pieces that a row's sum is cut into, a warp each.</summary>
    private static int Segments(FewExperts work) =>
        (work.Choices * LaunchGrid.Covering(work.Routed.Inner, SegmentColumns)) + LaunchGrid.Covering(work.Shared.Inner, SegmentColumns);

    private static bool IsPacked(FewExpertWeights weights) => PackedRows.Fit(ElementType.BFloat16, weights.Inner, weights.GateUp, weights.Down);
}

/// <summary>A product of few rows. Mirrors <c>few_product</c> of linear_few.cuh.</summary>
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

/// <summary>A gate of few rows. Mirrors <c>few_gate</c> of gate_few.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FewGate
{
    public FewProduct Product;
    public nuint Bias;
    public RowView Experts, Weights;
    public nuint Counter;
    public GateKernels.GateRule Rule;
}

/// <summary>An expert's matrices. Mirrors <c>expert_weights</c> of experts_few.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FewExpertWeights
{
    public RowView GateUp, Down;
    public int Inner;
}

/// <summary>Feed-forwards of few rows. Mirrors <c>few_experts</c> of experts_few.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct FewExperts
{
    public RowView X, Experts, Weights;
    public FewExpertWeights Routed, Shared;
    public RowView Addend, Y;
    public nuint Activated;
    public int Rows, Choices, Depth, Outputs, Prefetches;
}
