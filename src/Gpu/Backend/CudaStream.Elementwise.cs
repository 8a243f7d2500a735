using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Moves, fills and sums.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x) => throw new NotSupportedException("Zero");

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination) => throw new NotSupportedException("Copy");

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination) => throw new NotSupportedException("Upload");

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination) => throw new NotSupportedException("Download");

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum) => throw new NotSupportedException("Add");

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum) => throw new NotSupportedException("Add");

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y) => throw new NotSupportedException("SwiGlu");

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights) => throw new NotSupportedException("SwiGluBackward");
}
