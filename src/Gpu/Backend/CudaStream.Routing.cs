using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Row permutation.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order)
    {
        Checks.SortByExpert(experts, order);
        nuint scratch = _scratch.Take(ExpertSortKernels.ScratchBytes(experts.Rows * experts.Columns, order.Offsets.Columns - 1));
        _kernels.ExpertSorts.Sort(Queue, experts, order, scratch);
    }

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts)
    {
        Checks.CountExperts(experts, counts);
        _kernels.ExpertSorts.Count(Queue, experts, counts);
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y)
    {
        Checks.GatherRows(x, rows, y);
        _kernels.Moves.Move(Queue, x, RowView.AddressOf(rows), to: 0, y, y.Rows);
    }

    /// <inheritdoc/>
    public void PutRows(Tensor x, Tensor rows, Tensor y)
    {
        Checks.PutRows(x, rows, y);
        _kernels.Moves.Move(Queue, x, from: 0, RowView.AddressOf(rows), y, x.Rows);
    }

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y)
    {
        Checks.SumRows(x, rows, weights, y);
        _kernels.RowSums[x.Type].SumRows(Queue, x, rows, weights, y);
    }
}
