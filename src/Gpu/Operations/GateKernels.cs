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
    private const int WarpLanes = 32, BlockThreads = 256;
    private static readonly int[] Counts = [1, 2, 4, 5, 8, 12, 16], HalfCounts = [8, 16];

    private readonly ResidentKernel[] _choose = [.. Counts.Select(count => ResidentKernel.Of(library.Kernel(File, $"{File}_{count}")))];
    private readonly ResidentKernel[] _chooseOfHalf = [.. HalfCounts.Select(count => ResidentKernel.Of(library.Kernel(File, $"{File}_of_half_{count}")))];
    private readonly CudaKernel _chooseAny = library.Kernel($"{File}_any", $"{File}_any");
    private readonly CudaKernel _drop = library.Kernel("drop_choices", "drop_choices");
    private readonly ResidentKernel _backward = ResidentKernel.Of(library.Kernel($"{File}_backward", $"{File}_backward"));

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
        ResidentKernel choose = KeepsHalf(shape, count) ? _chooseOfHalf[Array.IndexOf(HalfCounts, count)] : _choose[Array.IndexOf(Counts, count)];
        choose.Kernel.Launch(
            queue, Blocks(rows.Capacity, choose), BlockThreads,
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
        _backward.Kernel.Launch(
            queue, Blocks(rows.Capacity, _backward), BlockThreads,
            [(nint)(&dWeights), (nint)(&experts), (nint)(&scores), (nint)(&dLogits), (nint)(&rows), (nint)(&columns), (nint)(&rule), (nint)(&packed)]);
    }

    /// <summary>As <see cref="IRoutingOperations.DropChoices"/>.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="kept">Address of int32 (tokens).</param>
    /// <param name="experts">Int32 (tokens, kept).</param>
    /// <param name="weights">(tokens, kept).</param>
    /// <param name="tokens">Tokens, at least 1.</param>
    /// <param name="choices">Choices of a token.</param>
    public void Drop(CudaQueue queue, nuint kept, RowView experts, RowView weights, int tokens, int choices)
    {
        int blocks = Math.Min(LaunchGrid.Covering(tokens * choices, BlockThreads), library.Context.Device.Multiprocessors);
        _drop.Launch(queue, blocks, BlockThreads, [(nint)(&kept), (nint)(&experts), (nint)(&weights), (nint)(&tokens), (nint)(&choices)]);
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

    /// <summary>Whether lanes that have so many experts share those of the kept groups, which are at most half of all.</summary>
    internal static bool KeepsHalf(GateShape shape, int count) => HalfCounts.Contains(count) && 2 * shape.GroupsKept <= shape.Groups;

    private static bool IsPacked(RowView view) => PackedRows.IsAligned(view, ElementType.Float32);

    /// <summary>As many blocks as run at once: a warp goes on to its next token.</summary>
    private int Blocks(int tokens, ResidentKernel kernel) =>
        Math.Min(LaunchGrid.Covering(tokens, BlockThreads / WarpLanes), library.Context.Device.Multiprocessors * kernel.Blocks);

    /// <summary>A kernel and how many of its blocks a multiprocessor has at once, by their registers.</summary>
    private readonly record struct ResidentKernel(CudaKernel Kernel, int Blocks)
    {
        private const int Registers = 1 << 16, RegisterStep = 8, MostBlocks = 2048 / BlockThreads;

        public static ResidentKernel Of(CudaKernel kernel)
        {
            int registers = LaunchGrid.Covering(kernel.Resources.Registers, RegisterStep) * RegisterStep * BlockThreads;
            return new ResidentKernel(kernel, Math.Clamp(Registers / registers, 1, MostBlocks));
        }
    }

    /// <summary>Mirrors <c>gate_shape</c> of gate.cuh.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct GateRule(int Groups, int GroupsKept, int ExpertsKept, int Normalize, float Scaling)
    {
        public static GateRule Of(GateShape shape) => new(shape.Groups, shape.GroupsKept, shape.ExpertsKept, shape.Normalize ? 1 : 0, shape.Scaling);
    }
}
