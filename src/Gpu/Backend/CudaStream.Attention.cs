using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Rotary embedding and attention.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse) => throw new NotSupportedException("Rope");

    /// <inheritdoc/>
    public void Attention(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp) => throw new NotSupportedException("Attention");

    /// <inheritdoc/>
    public void AttentionBackward(Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape, Tensor dq, Tensor dkv, Tensor dkRope) => throw new NotSupportedException("AttentionBackward");

    /// <inheritdoc/>
    public void LatentAttention(Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o) => throw new NotSupportedException("LatentAttention");
}
