using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Norms.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd) => throw new NotSupportedException("RmsNorm");

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default) => throw new NotSupportedException("RmsNormBackward");
}
