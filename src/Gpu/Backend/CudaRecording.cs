using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Recorded operations as a graph of the driver.</summary>
/// <param name="graph">This recording's to free.</param>
internal sealed class CudaRecording(CudaGraph graph) : RecordedWork
{
    public CudaGraph Graph => graph;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            graph.Dispose();
        }
    }
}
