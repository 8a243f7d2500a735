using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Gate and row permutation.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights) => throw new NotSupportedException("ChooseExperts");

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits) => throw new NotSupportedException("ChooseExpertsBackward");

    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order) => throw new NotSupportedException("SortByExpert");

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts) => throw new NotSupportedException("CountExperts");

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y) => throw new NotSupportedException("GatherRows");

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y) => throw new NotSupportedException("SumRows");
}
