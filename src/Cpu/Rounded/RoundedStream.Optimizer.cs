using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>The end of a training step: all is float32, but for the copy of a weight's values.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum) => _float32.SumOfSquares(x, sum);

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) =>
        _float32.AdamW(values, gradient, firstMoment, secondMoment, step);

    /// <inheritdoc/>
    public void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        RoundedWeight own = Own(weight);
        _float32.AdamW(own.Values, gradient, firstMoment, secondMoment, step);
        own.Refresh(_float32);
    }
}
