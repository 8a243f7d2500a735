using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Embedding, cross entropy and drawing of tokens.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y)
    {
        Checks.Embed("Embed", ids, table, y);
        _kernels.Embeddings[y.Type].Embed(Queue, RowView.AddressOf(ids), RowView.Of(table), RowView.Of(y), AllRows(y), y.Columns);
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable)
    {
        Checks.Embed("EmbedBackward", ids, dTable, dy);
        if (dy.Count == 0)
        {
            return;
        }

        _kernels.Embeddings[dy.Type].EmbedBackward(
            Queue, RowView.AddressOf(ids), RowView.Of(dy), RowView.Of(dTable), _scratch.Take(EmbedKernels.BackwardBytes(dy.Rows, dy.Columns)), AllRows(dy), dy.Columns);
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits)
    {
        Checks.CrossEntropy(logits, targets, losses, dLogits);
        _kernels.Losses[logits.Type].CrossEntropy(
            Queue, RowView.Of(logits), RowView.AddressOf(targets), scale, RowView.AddressOf(losses), RowView.Of(dLogits), AllRows(logits), logits.Columns);
    }

    /// <inheritdoc/>
    public void DrawTokens(Tensor logits, Tensor slots, Tensor draws, Tensor tokens)
    {
        Checks.DrawTokens(logits, slots, draws, tokens);
        if (logits.Rows > 0)
        {
            _kernels.Draws.Draw(
                Queue, RowView.Of(logits), logits.Rows, logits.Columns, RowView.AddressOf(slots), RowView.AddressOf(draws), RowView.AddressOf(tokens),
                _scratch.Take(DrawKernels.ScratchBytes(logits.Rows, logits.Columns)));
        }
    }
}
