using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Matrix products.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight) => throw new NotSupportedException("Prepare");

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default) => throw new NotSupportedException("Linear");

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default) => throw new NotSupportedException("LinearBackwardInput");

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true) => throw new NotSupportedException("LinearBackwardWeight");

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y) => throw new NotSupportedException("GroupedLinear");

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx) => throw new NotSupportedException("GroupedLinearBackwardInput");

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true) => throw new NotSupportedException("GroupedLinearBackwardWeight");
}
