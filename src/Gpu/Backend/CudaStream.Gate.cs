using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>The gate.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights)
    {
        Checks.ChooseExperts(logits, bias, shape, scores, experts, weights);
        if (logits.Rows == 0)
        {
            return;
        }

        long bytes = _kernels.Gate.ScratchBytes(shape, logits.Columns);
        _kernels.Gate.Choose(
            Queue, RowView.Of(logits), (nuint)bias.Pointer, shape, RowView.Of(scores), RowView.Of(experts), RowView.Of(weights),
            new RowCount(0, logits.Rows), logits.Columns, bytes == 0 ? 0 : _scratch.Take(bytes));
    }

    /// <inheritdoc/>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights)
    {
        Checks.DropChoices(kept, experts, weights);
        if (experts.Rows > 0)
        {
            _kernels.Gate.Drop(Queue, (nuint)kept.Pointer, RowView.Of(experts), RowView.Of(weights), experts.Rows, experts.Columns);
        }
    }

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits)
    {
        Checks.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits);
        if (scores.Rows > 0)
        {
            _kernels.Gate.Backward(
                Queue, RowView.Of(dWeights), RowView.Of(experts), RowView.Of(scores), shape, RowView.Of(dLogits), new RowCount(0, scores.Rows), scores.Columns);
        }
    }

    /// <inheritdoc/>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits)
    {
        Checks.BalanceLoss(scores, experts, sequences, losses, dLogits);
        if (losses.Columns > 0)
        {
            nuint scratch = _scratch.Take(BalanceKernels.ScratchBytes(scores.Rows, losses.Columns, scores.Columns));
            _kernels.Balance.Run(Queue, scores, experts, sequences, scale, losses, dLogits, scratch);
        }
    }
}
