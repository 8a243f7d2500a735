using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Embedding and cross entropy.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y) => throw new NotSupportedException("Embed");

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable) => throw new NotSupportedException("EmbedBackward");

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits) => throw new NotSupportedException("CrossEntropy");
}
