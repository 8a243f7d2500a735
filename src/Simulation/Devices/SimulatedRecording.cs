using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>Operations to run again.</summary>
/// <param name="operations">In order.</param>
internal sealed class SimulatedRecording(List<(Operation Operation, Tensor Result, Action Work)> operations) : RecordedWork
{
    public IReadOnlyList<(Operation Operation, Tensor Result, Action Work)> Operations => operations;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Memory of the host alone.
    }
}
