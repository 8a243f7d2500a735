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
        _kernels.Optimizer.SumOfSquares(Queue, Address(x), x.Count, Address(sum), _scratch.Take(OptimizerKernels.SumBytes(x.Count)));
    }

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        Checks.AdamW(values, gradient, firstMoment, secondMoment);
        _kernels.Optimizer.AdamW(
            Queue, Address(values), Address(gradient), Address(firstMoment), Address(secondMoment), values.Count, AdamWFactors.Of(step));
    }
}
