using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>What ends a step.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum) => throw new NotSupportedException("SumOfSquares");

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) => throw new NotSupportedException("AdamW");
}
