using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>Operations to run again.</summary>
/// <param name="operations">Each gives its work to the stream; in order.</param>
internal sealed class SimulatedRecording(List<Action> operations) : RecordedWork
{
    public IReadOnlyList<Action> Operations => operations;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Memory of the host alone.
    }
}
