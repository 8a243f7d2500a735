using Actors.Tensors;

namespace Actors.Cpu.Rounded;

/// <summary>Embedding and cross entropy: tables, their gradients and losses are float32.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y)
    {
        Checks.Embed("Embed", ids, table, y);
        WidenedRows rows = _rows.Begin();
        _float32.Embed(ids, table, rows.Write(y));
        rows.Store();
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable)
    {
        Checks.Embed("EmbedBackward", ids, dTable, dy);
        _float32.EmbedBackward(ids, _rows.Begin().Read(dy), dTable);
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits)
    {
        Checks.CrossEntropy(logits, targets, losses, dLogits);
        WidenedRows rows = _rows.Begin();
        _float32.CrossEntropy(rows.Read(logits), targets, scale, losses, rows.Write(dLogits));
        rows.Store();
    }
}
