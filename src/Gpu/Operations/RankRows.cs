using System.Runtime.CompilerServices;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>Windows of a group's ranks as kernels take them, by value. Mirrors <c>rank_rows</c> of rank_rows.cuh.</summary>
[InlineArray(IExchangeOperations.MostRanks)]
internal struct RankRows
{
    private RowView _first;

    /// <summary>The rows of tensors.</summary>
    public static RankRows Of(ReadOnlySpan<Tensor> windows)
    {
        RankRows all = default;
        for (int rank = 0; rank < windows.Length; rank++)
        {
            all[rank] = RowView.Of(windows[rank]);
        }

        return all;
    }

    /// <summary>The same with strides of bytes.</summary>
    public static RankRows BytesOf(ReadOnlySpan<Tensor> windows)
    {
        RankRows all = default;
        for (int rank = 0; rank < windows.Length; rank++)
        {
            all[rank] = MoveKernels.BytesOf(windows[rank]);
        }

        return all;
    }
}
