using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Rotary embedding and attention.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse)
    {
        Checks.Rope(x, heads, positions, cos, sin);
        if (x.Rows == 0 || cos.Columns == 0)
        {
            return;
        }

        _kernels.Rotary[x.Type].Rope(
            Queue, RowView.Of(x), new RotaryTables((nuint)positions.Pointer, RowView.Of(cos), RowView.Of(sin), inverse ? -1 : 1),
            new RowCount(0, x.Rows), heads, x.Columns / heads, cos.Columns);
    }

    /// <inheritdoc/>
    public void Attention(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp)
    {
        Checks.Attention("Attention", q, kv, kRope, sequences, shape, o, logSumExp);
        if (q.Rows > 0)
        {
            _kernels.Attention[q.Type].Forward(Queue, AttentionViews.Of(q, kv, kRope, sequences, shape), RowView.Of(o), RowView.Of(logSumExp));
        }
    }

    /// <inheritdoc/>
    public void AttentionBackward(Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape, Tensor dq, Tensor dkv, Tensor dkRope)
    {
        Checks.AttentionBackward(dO, q, kv, kRope, o, logSumExp, sequences, shape, dq, dkv, dkRope);
        if (q.Rows > 0)
        {
            _kernels.Attention[q.Type].Backward(
                Queue, AttentionViews.Of(q, kv, kRope, sequences, shape), RowView.Of(dO), RowView.Of(o), RowView.Of(logSumExp), RowView.Of(dq),
                RowView.Of(dkv), RowView.Of(dkRope), _scratch.Take(AttentionKernels.ScratchBytes(q.Rows, shape)));
        }
    }

    /// <inheritdoc/>
    public void LatentAttention(Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o)
    {
        Checks.LatentAttention(q, keyValueUp, cache, firstRows, lengths, shape, o);
        if (q.Rows == 0)
        {
            return;
        }

        RowView up = q.Type == ElementType.Float32 ? RowView.Of(keyValueUp.Values) : ((CudaWeight)keyValueUp).Rounded(Queue, _kernels.Rounding);
        _kernels.LatentAttention[q.Type].Attend(
            Queue, RowView.Of(q), up, RowView.Of(cache), cache.Rows, (nuint)firstRows.Pointer, (nuint)lengths.Pointer, shape, RowView.Of(o), q.Rows,
            keyValueUp.Inputs, _scratch.Take(LatentAttentionKernels.ScratchBytes(q.Rows, shape.Heads, keyValueUp.Inputs)),
            _counters.Take(LatentAttentionKernels.CounterBytes(q.Rows, shape.Heads)));
    }
}
