using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <content>Its products.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight) => Run(Operation.Prepare, weight.Values, () => _inner.Prepare(weight));

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default) =>
        Run(Operation.Linear, y, () => _inner.Linear(x, weight, y, addend));

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default) =>
        Run(Operation.LinearBackwardInput, dx, () => _inner.LinearBackwardInput(dy, weight, dx, addend));

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true) =>
        Run(Operation.LinearBackwardWeight, dWeight, () => _inner.LinearBackwardWeight(dy, x, dWeight, accumulate));

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y) =>
        Run(Operation.GroupedLinear, y, () => _inner.GroupedLinear(x, offsets, weight, y));

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx) =>
        Run(Operation.GroupedLinearBackwardInput, dx, () => _inner.GroupedLinearBackwardInput(dy, offsets, weight, dx));

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true) =>
        Run(Operation.GroupedLinearBackwardWeight, dWeight, () => _inner.GroupedLinearBackwardWeight(dy, x, offsets, dWeight, accumulate));
}
