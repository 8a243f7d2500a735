using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Rows between ranks that wait for each other's flags, as <see cref="Tensors.Operations.IFlagExchangeOperations"/> says.</summary>
/// <param name="library">Has the kernels; loaded with it, since to load one a device may have to be idle.</param>
internal sealed unsafe class FlagKernels(KernelLibrary library)
{
    private readonly CudaKernel _dispatch = library.Kernel("dispatch_tokens", "dispatch_tokens");
    private readonly ByType<CudaKernel> _combine = new(type => library.Kernel("combine_tokens", type));
    private readonly ByType<CudaKernel> _combineFew = new(type => library.Kernel("combine_tokens", type, "combine_tokens_of_few"));

    /// <summary>Writes a rank's rows and choices, and waits for those of all ranks.</summary>
    public void Dispatch(
        CudaQueue queue, CudaFlags group, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally)
    {
        RankFlags flags = group.Of(rank);
        RankRows to = RankRows.BytesOf(windows), toExperts = RankRows.Of(windowExperts), toWeights = RankRows.Of(windowWeights);
        var rows = new TokenRows
        {
            X = MoveKernels.BytesOf(x),
            Experts = RowView.Of(experts),
            Weights = RowView.Of(weights),
            RowBytes = (long)x.Columns * x.Type.SizeInBytes(),
            Tokens = x.Rows,
            MostTokens = group.Tokens,
            Choices = experts.Columns,
            ExpertsPerRank = expertsPerRank,
            RanksPerNode = ranksPerNode,
        };
        ulong addresses = (ulong)rows.RowBytes | rows.X.Data | (ulong)rows.X.Stride;
        for (int other = 0; other < group.Ranks; other++)
        {
            addresses |= to[other].Data | (ulong)to[other].Stride;
        }

        rows.Unit = MoveKernels.UnitOf(addresses);
        nuint numbers = RowView.AddressOf(places), sums = (nuint)tally.Pointer;
        long placesStride = places.RowStride;
        // As many blocks at every rank, whatever it has: they wait for each other's.
        _dispatch.Launch(
            queue, group.Blocks, PackedRows.BlockThreads,
            [
                (nint)(&flags), (nint)(&rows), (nint)(&to), (nint)(&toExperts), (nint)(&toWeights), (nint)(&numbers), (nint)(&placesStride), (nint)(&sums),
            ]);
    }

    /// <summary>Waits for all ranks' partial sums, and sums them.</summary>
    public void Combine(CudaQueue queue, CudaFlags group, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y)
    {
        RankFlags flags = group.Of(rank);
        RankRows from = RankRows.Of(partials);
        RowView to = RowView.Of(y);
        int tokens = y.Rows, columns = y.Columns;
        bool isPacked = PackedRows.Fit(y.Type, columns, to);
        for (int other = 0; other < group.Ranks; other++)
        {
            isPacked &= PackedRows.IsAligned(from[other], y.Type);
        }

        RowThreads share = RowThreads.For(tokens, PackedRows.Units(y.Type, columns, isPacked));
        int shift = share.Shift;
        nuint numbers = RowView.AddressOf(places);
        long placesStride = places.RowStride;
        // A block at least: a rank without tokens raises its flags, and waits, as any other.
        (group.Ranks <= ExchangeKernels.FewRanks ? _combineFew : _combine)[y.Type].Launch(
            queue, Math.Max(1, share.Blocks), PackedRows.BlockThreads,
            [
                (nint)(&flags), (nint)(&from), (nint)(&numbers), (nint)(&placesStride), (nint)(&ranksPerNode), (nint)(&to), (nint)(&tokens), (nint)(&columns), (nint)(&shift),
                (nint)(&isPacked),
            ]);
    }

    /// <summary>Mirrors <c>token_rows</c> of dispatch_tokens.cu.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential)]
    private struct TokenRows
    {
        public RowView X, Experts, Weights;
        public long RowBytes;
        public int Tokens, MostTokens, Choices, ExpertsPerRank, RanksPerNode, Unit;
    }
}
