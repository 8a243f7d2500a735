using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>The end of a training step.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum)
    {
        ShapeChecks.Host.SumOfSquares(x, sum);
        *(double*)sum.Pointer = OptimizerKernel.SumOfSquares(Floats(x), x.Count);
    }

    /// <inheritdoc/>
    public void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(weight);
        AdamW(weight.Values, gradient, firstMoment, secondMoment, step);
        Prepare(weight);
    }

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ShapeChecks.Host.AdamW(values, gradient, firstMoment, secondMoment);
        if (firstMoment.Type == ElementType.BFloat16)
        {
            OptimizerKernel.AdamW(
                Floats(values), Floats(gradient), (ushort*)firstMoment.Pointer, (ushort*)secondMoment.Pointer, values.Count, step);
            return;
        }

        OptimizerKernel.AdamW(
            Floats(values), Floats(gradient), Floats(firstMoment), Floats(secondMoment), values.Count, step);
    }
}
