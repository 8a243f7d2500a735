using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Simulation.Devices;

/// <content>Its operations over tokens, and those of the optimizer.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) =>
        Run(Operation.RmsNorm, y, () => _inner.RmsNorm(x, weight, epsilon, y, rstd));

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default) =>
        Run(Operation.RmsNormBackward, dx, () => _inner.RmsNormBackward(dy, x, weight, rstd, dx, dWeight, addend));

    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse) =>
        Run(Operation.Rope, x, () => _inner.Rope(x, heads, positions, cos, sin, inverse));

    /// <inheritdoc/>
    public void Attention(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp) =>
        Run(Operation.Attention, o, () => _inner.Attention(q, kv, kRope, sequences, shape, o, logSumExp));

    /// <inheritdoc/>
    public void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape, Tensor dq, Tensor dkv, Tensor dkRope) =>
        Run(Operation.AttentionBackward, dq, () => _inner.AttentionBackward(dO, q, kv, kRope, o, logSumExp, sequences, shape, dq, dkv, dkRope));

    /// <inheritdoc/>
    public void LatentAttention(Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o) =>
        Run(Operation.LatentAttention, o, () => _inner.LatentAttention(q, keyValueUp, cache, firstRows, lengths, shape, o));

    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights) =>
        Run(Operation.ChooseExperts, experts, () => _inner.ChooseExperts(logits, bias, shape, scores, experts, weights));

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits) =>
        Run(Operation.ChooseExpertsBackward, dLogits, () => _inner.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits));

    /// <inheritdoc/>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits) =>
        Run(Operation.BalanceLoss, dLogits, () => _inner.BalanceLoss(scores, experts, sequences, scale, losses, dLogits));

    /// <inheritdoc/>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights) =>
        Run(Operation.DropChoices, experts, () => _inner.DropChoices(kept, experts, weights));

    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default) =>
        Run(Operation.SortByExpert, experts, () => _inner.SortByExpert(experts, order, live, needed));

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts) => Run(Operation.CountExperts, experts, () => _inner.CountExperts(experts, counts));

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default) => Run(Operation.GatherRows, y, () => _inner.GatherRows(x, rows, y, live));

    /// <inheritdoc/>
    public void PutRows(Tensor x, Tensor rows, Tensor y) => Run(Operation.PutRows, x, () => _inner.PutRows(x, rows, y));

    /// <inheritdoc/>
    public void DrawTokens(Tensor logits, Tensor slots, Tensor draws, Tensor tokens) =>
        Run(Operation.DrawTokens, logits, () => _inner.DrawTokens(logits, slots, draws, tokens));

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default) =>
        Run(Operation.SumRows, y, () => _inner.SumRows(x, rows, weights, y, live));

    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y) => Run(Operation.Embed, y, () => _inner.Embed(ids, table, y));

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable) =>
        Run(Operation.EmbedBackward, dTable, () => _inner.EmbedBackward(ids, dy, dTable));

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits) =>
        Run(Operation.CrossEntropy, losses, () => _inner.CrossEntropy(logits, targets, scale, losses, dLogits));

    /// <inheritdoc/>
    public void SumOfSquares(Tensor x, Tensor sum) => Run(Operation.SumOfSquares, sum, () => _inner.SumOfSquares(x, sum));

    /// <inheritdoc/>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) =>
        Run(Operation.AdamW, values, () => _inner.AdamW(values, gradient, firstMoment, secondMoment, step));

    /// <inheritdoc/>
    public void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Run(Operation.AdamW, weight.Values, () => _inner.AdamW(weight, gradient, firstMoment, secondMoment, step));
    }
}
