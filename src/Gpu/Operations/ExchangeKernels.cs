using System.Collections.Concurrent;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>Rows between ranks whose memories the GPU reaches, as <see cref="IExchangeOperations"/> says.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class ExchangeKernels(KernelLibrary library)
{
    /// <summary>Threads that count: as many warps as a warp has threads.</summary>
    private const int CountThreads = 1024;

    /// <summary>Units of a tensor that a thread has on their way at once. Mirrors <c>part_depth</c> of sum_tensors.cu.</summary>
    private const int TensorDepth = 2;

    /// <summary>Ranks whose rows of a token are all read at once. Mirrors <c>few_ranks</c> of collect_rows.cuh.</summary>
    public const int FewRanks = 4;

    private readonly CudaKernel _count = library.Kernel("place_rows", "count_destinations"), _place = library.Kernel("place_rows", "place_rows");
    private readonly CudaKernel _push = library.Kernel("push_rows", "push_rows"), _pushChoices = library.Kernel("push_rows", "push_choices");
    private readonly CudaKernel _gradients = library.Kernel("collect_rows", "collect_weight_gradients"), _tensors = library.Kernel("sum_tensors", "sum_tensors");

    private readonly ConcurrentDictionary<CudaKernel, int> _resident = [];

    private readonly ByType<CudaKernel> _sums = new(type => library.Kernel("collect_rows", type, "collect_sums"));
    private readonly ByType<CudaKernel> _sumsOfFew = new(type => library.Kernel("collect_rows", type, "collect_sums_of_few"));

    /// <summary>Numbers the tokens that go to each rank.</summary>
    public void Count(CudaQueue queue, Tensor experts, int expertsPerRank, Tensor places, Tensor counts)
    {
        int tokens = experts.Rows, choices = experts.Columns, ranks = places.Columns;
        nuint chosen = RowView.AddressOf(experts), numbers = RowView.AddressOf(places), to = (nuint)counts.Pointer;
        long stride = experts.RowStride, placesStride = places.RowStride;
        _count.Launch(
            queue, ranks, CountThreads,
            [
                (nint)(&chosen), (nint)(&stride), (nint)(&tokens), (nint)(&choices), (nint)(&expertsPerRank), (nint)(&numbers), (nint)(&placesStride), (nint)(&to),
            ]);
    }

    /// <summary>Makes places of numbers.</summary>
    public void Place(CudaQueue queue, Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally)
    {
        int tokens = places.Rows, ranks = places.Columns;
        nuint from = (nuint)counts.Pointer, numbers = RowView.AddressOf(places), live = (nuint)received.Pointer, sums = (nuint)tally.Pointer;
        long stride = counts.RowStride, placesStride = places.RowStride;
        // A block at least: what is received is written where no token is sent, too.
        _place.Launch(
            queue, PackedRows.Blocks(library.Context, LaunchGrid.Covering(tokens, PackedRows.BlockThreads)), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&stride), (nint)(&ranks), (nint)(&rank), (nint)(&ranksPerNode), (nint)(&capacity), (nint)(&numbers), (nint)(&placesStride),
                (nint)(&tokens), (nint)(&live), (nint)(&sums),
            ]);
    }

    /// <summary>Writes rows to their places.</summary>
    public void Push(CudaQueue queue, Tensor x, Tensor places, ReadOnlySpan<Tensor> windows)
    {
        if (x.Count == 0 || windows[0].Count == 0)
        {
            return;
        }

        RowView source = MoveKernels.BytesOf(x);
        RankRows to = RankRows.BytesOf(windows);
        int tokens = x.Rows, ranks = windows.Length;
        long rowBytes = (long)x.Columns * x.Type.SizeInBytes(), placesStride = places.RowStride;
        ulong addresses = (ulong)rowBytes | source.Data | (ulong)source.Stride;
        for (int rank = 0; rank < ranks; rank++)
        {
            addresses |= to[rank].Data | (ulong)to[rank].Stride;
        }

        int unit = MoveKernels.UnitOf(addresses);
        RowThreads share = RowThreads.ForUnits(tokens, checked((int)(rowBytes / unit)));
        int shift = share.Shift;
        nuint numbers = RowView.AddressOf(places);
        _push.Launch(
            queue, Within(queue, _push, share.Blocks), PackedRows.BlockThreads,
            [
                (nint)(&source), (nint)(&numbers), (nint)(&placesStride), (nint)(&to), (nint)(&ranks), (nint)(&tokens), (nint)(&rowBytes), (nint)(&unit), (nint)(&shift),
            ]);
    }

    /// <summary>Writes choices to their places.</summary>
    public void PushChoices(
        CudaQueue queue, Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights)
    {
        if (experts.Count == 0 || windowExperts[0].Count == 0)
        {
            return;
        }

        RowView chosen = RowView.Of(experts), factors = RowView.Of(weights);
        RankRows toExperts = RankRows.Of(windowExperts), toWeights = RankRows.Of(windowWeights);
        int tokens = experts.Rows, choices = experts.Columns, ranks = windowExperts.Length;
        nuint numbers = RowView.AddressOf(places);
        long placesStride = places.RowStride;
        _pushChoices.Launch(
            queue, Within(queue, _pushChoices, BlocksOf((long)tokens * ranks)), PackedRows.BlockThreads,
            [
                (nint)(&chosen), (nint)(&factors), (nint)(&choices), (nint)(&expertsPerRank), (nint)(&numbers), (nint)(&placesStride), (nint)(&toExperts),
                (nint)(&toWeights), (nint)(&ranks), (nint)(&tokens),
            ]);
    }

    /// <summary>Sums rows over ranks.</summary>
    public void CollectSums(CudaQueue queue, ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y)
    {
        int tokens = y.Rows, columns = y.Columns, ranks = windows.Length;
        if (y.Count == 0)
        {
            return;
        }

        RankRows from = RankRows.Of(windows);
        RowView to = RowView.Of(y);
        bool isPacked = PackedRows.Fit(y.Type, columns, to);
        for (int rank = 0; rank < ranks; rank++)
        {
            isPacked &= PackedRows.IsAligned(from[rank], y.Type);
        }

        RowThreads share = RowThreads.For(tokens, PackedRows.Units(y.Type, columns, isPacked));
        int shift = share.Shift;
        nuint numbers = RowView.AddressOf(places);
        long placesStride = places.RowStride;
        CudaKernel sums = (ranks <= FewRanks ? _sumsOfFew : _sums)[y.Type];
        sums.Launch(
            queue, Within(queue, sums, share.Blocks), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&numbers), (nint)(&placesStride), (nint)(&ranks), (nint)(&ranksPerNode), (nint)(&to), (nint)(&tokens), (nint)(&columns), (nint)(&shift),
                (nint)(&isPacked),
            ]);
    }

    /// <summary>Reads weight gradients from their places.</summary>
    public void CollectWeightGradients(CudaQueue queue, ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights)
    {
        if (experts.Count == 0)
        {
            return;
        }

        RankRows from = RankRows.Of(windows);
        RowView chosen = RowView.Of(experts), to = RowView.Of(dWeights);
        int tokens = experts.Rows, choices = experts.Columns;
        nuint numbers = RowView.AddressOf(places);
        long placesStride = places.RowStride;
        _gradients.Launch(
            queue, Within(queue, _gradients, BlocksOf(experts.Count)), PackedRows.BlockThreads,
            [
                (nint)(&from), (nint)(&chosen), (nint)(&choices), (nint)(&expertsPerRank), (nint)(&numbers), (nint)(&placesStride), (nint)(&tokens), (nint)(&to),
            ]);
    }

    /// <summary>Sums contiguous float32 tensors.</summary>
    public void SumTensors(CudaQueue queue, ReadOnlySpan<Tensor> parts, Tensor sum)
    {
        if (sum.Count == 0)
        {
            return;
        }

        RankRows from = RankRows.Of(parts);
        nuint to = (nuint)sum.Pointer;
        int count = parts.Length;
        int elements = PackedRows.Elements(ElementType.Float32);
        bool isPacked = sum.Count % elements == 0 && to % PackedRows.PackBytes == 0;
        for (int part = 0; part < count; part++)
        {
            isPacked &= from[part].Data % PackedRows.PackBytes == 0;
        }

        long units = isPacked ? sum.Count / elements : sum.Count;
        _tensors.Launch(
            queue, BlocksOf(LaunchGrid.Covering(units, TensorDepth)), PackedRows.BlockThreads,
            [(nint)(&from), (nint)(&count), (nint)(&to), (nint)(&units), (nint)(&isPacked)]);
    }

    /// <summary>No more blocks than the queue's multiprocessors have room for at once: they loop. A row's bits do not depend on how many there are.</summary>
    private int Within(CudaQueue queue, CudaKernel kernel, int blocks) =>
        queue.SharesGpu ? Math.Min(blocks, queue.Multiprocessors * Resident(kernel)) : blocks;

    private int Resident(CudaKernel kernel)
    {
        if (!_resident.TryGetValue(kernel, out int blocks))
        {
            _resident[kernel] = blocks = kernel.ResidentBlocks(PackedRows.BlockThreads);
        }

        return blocks;
    }

    private int BlocksOf(long threads) => PackedRows.Blocks(library.Context, LaunchGrid.Covering(threads, PackedRows.BlockThreads));
}
