using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>The order of received rows by expert, and loads.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class ExpertSortKernels(KernelLibrary library)
{
    private const int WarpThreads = 32, ScanThreads = 1024, MostChunks = 256, LeastChunkSlots = 256;
    private readonly CudaKernel _count = library.Kernel("sort_by_expert", "sort_by_expert_count"), _scan = library.Kernel("sort_by_expert", "sort_by_expert_scan");
    private readonly CudaKernel _place = library.Kernel("sort_by_expert", "sort_by_expert_place"), _sums = library.Kernel("sort_by_expert", "sort_by_expert_sums");
    private readonly CudaKernel _loads = library.Kernel("count_experts", "count_experts");

    /// <summary>Bytes of scratch memory that a sort of so many slots takes.</summary>
    public static long ScratchBytes(int slots, int experts) => (long)ChunksOf(slots).Chunks * experts * sizeof(int);

    /// <summary>As <see cref="IRoutingOperations.SortByExpert"/>.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="experts">Int32 (received, K).</param>
    /// <param name="order">Output.</param>
    /// <param name="received">Received rows.</param>
    /// <param name="needed">Address of an int32; 0: not wanted.</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Sort(CudaQueue queue, Tensor experts, ExpertOrder order, RowCount received, nuint needed, nuint scratch)
    {
        int local = order.Offsets.Columns - 1, room = order.Sources.Columns, slots = experts.Rows * experts.Columns;
        (int chunks, int chunkSlots) = ChunksOf(slots);
        Choices choices = new(RowView.AddressOf(experts), experts.RowStride, received, experts.Columns);
        nuint offsets = (nuint)order.Offsets.Pointer, sources = RowView.AddressOf(order.Sources), places = RowView.AddressOf(order.Slots);
        nuint rowOfSlot = RowView.AddressOf(order.RowOfSlot), sumRows = RowView.AddressOf(order.SumRows), sumSlots = RowView.AddressOf(order.SumSlots);
        int seenBytes = local * sizeof(int), columns = experts.Columns;
        _count.Launch(queue, chunks, WarpThreads, [(nint)(&choices), (nint)(&local), (nint)(&chunkSlots), (nint)(&scratch)], seenBytes);
        _scan.Launch(queue, 1, ScanThreads, [(nint)(&scratch), (nint)(&chunks), (nint)(&local), (nint)(&room), (nint)(&offsets), (nint)(&needed)], seenBytes);
        _place.Launch(
            queue, chunks, WarpThreads,
            [
                (nint)(&choices), (nint)(&local), (nint)(&chunkSlots), (nint)(&scratch), (nint)(&offsets), (nint)(&room), (nint)(&sources), (nint)(&places),
                (nint)(&rowOfSlot),
            ],
            seenBytes);
        _sums.Launch(
            queue, LaunchGrid.Covering(Math.Max(slots, room), PackedRows.BlockThreads), PackedRows.BlockThreads,
            [
                (nint)(&slots), (nint)(&columns), (nint)(&offsets), (nint)(&local), (nint)(&room), (nint)(&rowOfSlot), (nint)(&sumRows), (nint)(&sumSlots),
                (nint)(&sources), (nint)(&places),
            ]);
    }

    /// <summary>As <see cref="IRoutingOperations.CountExperts"/>.</summary>
    public void Count(CudaQueue queue, Tensor experts, Tensor counts)
    {
        int tokens = experts.Rows, choices = experts.Columns, local = counts.Columns;
        if (tokens == 0 || choices == 0)
        {
            return;
        }

        nuint chosen = (nuint)experts.Pointer, to = (nuint)counts.Pointer;
        long stride = experts.RowStride;
        // Few blocks: each adds a number for every expert at the end.
        int blocks = Math.Clamp((tokens * choices) / 4096, 1, library.Context.Device.Multiprocessors);
        _loads.Launch(
            queue, blocks, PackedRows.BlockThreads, [(nint)(&chosen), (nint)(&stride), (nint)(&tokens), (nint)(&choices), (nint)(&local), (nint)(&to)],
            local * sizeof(int));
    }

    private static (int Chunks, int ChunkSlots) ChunksOf(int slots)
    {
        int chunks = Math.Clamp(slots / LeastChunkSlots, 1, MostChunks);
        return (chunks, LaunchGrid.Covering(LaunchGrid.Covering(slots, chunks), WarpThreads) * WarpThreads);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Choices(nuint Experts, long Stride, RowCount Received, int Columns);
}
