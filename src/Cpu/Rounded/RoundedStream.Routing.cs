using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>Gate and row permutation: scores are float32, moves take any type, and sums of rows are rounded once where they are computed.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights) =>
        _float32.ChooseExperts(logits, bias, shape, scores, experts, weights);

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits) =>
        _float32.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits);

    /// <inheritdoc/>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits) =>
        _float32.BalanceLoss(scores, experts, sequences, scale, losses, dLogits);

    /// <inheritdoc/>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights) => _float32.DropChoices(kept, experts, weights);

    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default) =>
        _float32.SortByExpert(experts, order, live, needed);

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts) => _float32.CountExperts(experts, counts);

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default) => _float32.GatherRows(x, rows, y, live);

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default) => _float32.SumRows(x, rows, weights, y, live);
}
