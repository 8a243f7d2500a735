using System.Numerics;
using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>The gate on a GPU, float32.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class GateKernels(KernelLibrary library)
{
    private const string File = "choose_experts";
    private const int WarpLanes = 32, BlockThreads = 256, WarpsPerMultiprocessor = 64;
    private static readonly int[] Counts = [1, 2, 4, 5, 8, 12, 16];

    private readonly CudaKernel[] _choose = [.. Counts.Select(count => library.Kernel(File, $"{File}_{count}"))];
    private readonly CudaKernel _chooseAny = library.Kernel(File, $"{File}_any"), _backward = library.Kernel(File, $"{File}_backward");

    /// <summary>Bytes of scratch that <see cref="Choose"/> takes.</summary>
    public long ScratchBytes(GateShape shape, int experts) =>
        LaneExperts(shape, experts) == 0 ? (long)library.Context.Device.Multiprocessors * shape.Groups * sizeof(uint) : 0;

    /// <summary>Chooses experts and writes scores and weights.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="logits">(tokens, experts).</param>
    /// <param name="bias">Address of (experts).</param>
    /// <param name="shape">The rule.</param>
    /// <param name="scores">(tokens, experts); may be <paramref name="logits"/>.</param>
    /// <param name="experts">Int32 (tokens, kept).</param>
    /// <param name="weights">(tokens, kept).</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="columns">Experts.</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Choose(
        CudaQueue queue, RowView logits, nuint bias, GateShape shape, RowView scores, RowView experts, RowView weights, RowCount rows, int columns, nuint scratch)
    {
        var rule = GateRule.Of(shape);
        int count = LaneExperts(shape, columns);
        if (count == 0)
        {
            _chooseAny.Launch(
                queue, Math.Min(rows.Capacity, library.Context.Device.Multiprocessors), BlockThreads,
                [(nint)(&logits), (nint)(&bias), (nint)(&scores), (nint)(&experts), (nint)(&weights), (nint)(&rows), (nint)(&columns), (nint)(&rule), (nint)(&scratch)]);
            return;
        }

        int packed = IsPacked(logits) && IsPacked(scores) ? 1 : 0;
        _choose[Array.IndexOf(Counts, count)].Launch(
            queue, Blocks(rows.Capacity), BlockThreads,
            [(nint)(&logits), (nint)(&bias), (nint)(&scores), (nint)(&experts), (nint)(&weights), (nint)(&rows), (nint)(&columns), (nint)(&rule), (nint)(&packed)]);
    }

    /// <summary>Gradient of the logits.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="dWeights">(tokens, kept).</param>
    /// <param name="experts">Int32 (tokens, kept).</param>
    /// <param name="scores">(tokens, experts).</param>
    /// <param name="shape">The rule.</param>
    /// <param name="dLogits">(tokens, experts).</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="columns">Experts.</param>
    public void Backward(CudaQueue queue, RowView dWeights, RowView experts, RowView scores, GateShape shape, RowView dLogits, RowCount rows, int columns)
    {
        var rule = GateRule.Of(shape);
        int packed = IsPacked(dLogits) && columns % PackedRows.Elements(ElementType.Float32) == 0 ? 1 : 0;
        _backward.Launch(
            queue, Blocks(rows.Capacity), BlockThreads,
            [(nint)(&dWeights), (nint)(&experts), (nint)(&scores), (nint)(&dLogits), (nint)(&rows), (nint)(&columns), (nint)(&rule), (nint)(&packed)]);
    }

    /// <summary>How many experts a lane has: few, a group being a power of two of lanes. 0: only the kernel for any numbers fits.</summary>
    internal static int LaneExperts(GateShape shape, int experts)
    {
        int groupSize = experts / shape.Groups;
        foreach (int count in Counts)
        {
            bool isWhole = groupSize % count == 0 && BitOperations.IsPow2(groupSize / count);
            if (shape.ExpertsKept <= WarpLanes && experts <= WarpLanes * count && (isWhole || shape.GroupsKept == shape.Groups))
            {
                return count;
            }
        }

        return 0;
    }

    private static bool IsPacked(RowView view) => PackedRows.IsAligned(view, ElementType.Float32);

    private int Blocks(int tokens)
    {
        const int Warps = BlockThreads / WarpLanes;
        return (int)Math.Min(LaunchGrid.Covering(tokens, Warps), (long)library.Context.Device.Multiprocessors * WarpsPerMultiprocessor / Warps);
    }

    /// <summary>Mirrors <c>gate_shape</c> of choose_experts.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct GateRule(int Groups, int GroupsKept, int ExpertsKept, int Normalize, float Scaling)
    {
        public static GateRule Of(GateShape shape) => new(shape.Groups, shape.GroupsKept, shape.ExpertsKept, shape.Normalize ? 1 : 0, shape.Scaling);
    }
}
