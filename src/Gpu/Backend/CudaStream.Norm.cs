using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Norms.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd)
    {
        Checks.RmsNorm(x, weight, y, rstd);
        _kernels.Norms[x.Type].RmsNorm(Queue, RowView.Of(x), RowView.AddressOf(weight), epsilon, RowView.Of(y), RowView.AddressOf(rstd), AllRows(x), x.Columns);
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default)
    {
        Checks.RmsNormBackward(dy, x, weight, rstd, dx, dWeight, addend);
        if (x.Count == 0)
        {
            return;
        }

        _kernels.Norms[x.Type].RmsNormBackward(
            Queue, RowView.Of(dy), RowView.Of(x), RowView.AddressOf(weight), RowView.AddressOf(rstd), RowView.Of(dx), RowView.AddressOf(dWeight), RowView.Of(addend),
            _scratch.Take(NormKernels.BackwardBytes(x.Rows, x.Columns)), AllRows(x), x.Columns);
    }
}
