using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>What ends a step.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum)
    {
        Checks.SumOfSquares(x, sum);
        _kernels.Optimizer.SumOfSquares(Queue, RowView.AddressOf(x), x.Count, RowView.AddressOf(sum), _scratch.Take(OptimizerKernels.SumBytes(x.Count)));
    }

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        Checks.AdamW(values, gradient, firstMoment, secondMoment);
        AdamW(values, gradient, firstMoment, secondMoment, rounded: 0, step);
    }

    /// <inheritdoc/>
    public void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Checks.AdamW(weight.Values, gradient, firstMoment, secondMoment);
        var own = (CudaWeight)weight;
        nuint rounded = own.FlatCopy;
        AdamW(weight.Values, gradient, firstMoment, secondMoment, rounded, step);
        if (rounded == 0)
        {
            own.Refresh(Queue, _kernels.Rounding);
        }
        else
        {
            own.Refreshed(Queue);
        }
    }

    private void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, nuint rounded, AdamWStep step) => _kernels.Optimizer.AdamW(
        Queue, RowView.AddressOf(values), RowView.AddressOf(gradient), RowView.AddressOf(firstMoment), RowView.AddressOf(secondMoment), rounded, values.Count,
        AdamWFactors.Of(step), firstMoment.Type);
}
