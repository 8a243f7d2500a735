using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A stream whose operations run one after the other in virtual time.</summary>
internal sealed partial class SimulatedStream : IStream
{
    private readonly IStream _inner;
    private readonly DelayedWork _work;
    private readonly ICosts _costs;

    public SimulatedStream(IStream inner, DelayedWork work, ICosts costs) => (_inner, _work, _costs) = (inner, work, costs);

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public void Record(StreamMark mark) => ((SimulatedMark)mark).Record(_work);

    /// <inheritdoc/>
    public void Wait(StreamMark mark) => ((SimulatedMark)mark).HoldUp(_work);

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion) => _work.Notify(completion);

    /// <inheritdoc/>
    public void Expect(Tensor tensor)
    {
        // No result depends on it.
    }

    /// <inheritdoc/>
    public void ExpectLinear(Weight weight)
    {
        // Likewise.
    }

    /// <inheritdoc/>
    public void ExpectLinearBackwardInput(Weight weight)
    {
        // Likewise.
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private void Run(Operation operation, Tensor result, Action work) => _work.AddAfter(_costs.Of(operation, result), work);
}
