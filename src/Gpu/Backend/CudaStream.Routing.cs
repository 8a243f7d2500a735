using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Row permutation.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default)
    {
        Checks.SortByExpert(experts, order, live, needed);
        nuint scratch = _scratch.Take(ExpertSortKernels.ScratchBytes(experts.Rows * experts.Columns, order.Offsets.Columns - 1));
        _kernels.ExpertSorts.Sort(Queue, experts, order, Live(live, experts), RowView.AddressOf(needed), scratch);
    }

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts)
    {
        Checks.CountExperts(experts, counts);
        _kernels.ExpertSorts.Count(Queue, experts, counts);
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default)
    {
        Checks.GatherRows(x, rows, y, live);
        _kernels.Moves.Move(Queue, x, RowView.AddressOf(rows), to: 0, y, Live(live, y));
    }

    /// <inheritdoc/>
    public void PutRows(Tensor x, Tensor rows, Tensor y)
    {
        Checks.PutRows(x, rows, y);
        _kernels.Moves.Move(Queue, x, from: 0, RowView.AddressOf(rows), y, new RowCount(0, x.Rows));
    }

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default)
    {
        Checks.SumRows(x, rows, weights, y, live);
        _kernels.RowSums[x.Type].SumRows(Queue, x, rows, weights, y, Live(live, y));
    }
}
