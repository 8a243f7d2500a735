using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <content>Its elementwise operations.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x) => Run(Operation.Zero, x, () => _inner.Zero(x));

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination) => Run(Operation.Copy, destination, () => _inner.Copy(source, destination));

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum) => Run(Operation.Add, sum, () => _inner.Add(a, b, sum));

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum) => Run(Operation.Add, sum, () => _inner.Add(a, b, c, sum));

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default) => Run(Operation.SwiGlu, y, () => _inner.SwiGlu(gateUp, y, live));

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default) =>
        Run(Operation.SwiGluBackward, dGateUp, () => _inner.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights, live));

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination)
    {
        RefuseInRecording();
        byte[] bytes = source.ToArray();
        Run(Operation.Upload, destination, () => _inner.Upload(bytes, destination));
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination)
    {
        RefuseInRecording();
        Run(Operation.Download, source, () => _inner.Download(source, destination));
    }
}
