using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>A mark in a GPU's stream.</summary>
internal sealed class CudaStreamMark(CudaContext context, bool isTimed) : StreamMark
{
    /// <summary>The driver's event.</summary>
    public CudaMark Mark { get; } = new(context, isTimed);

    /// <inheritdoc/>
    public override double SecondsSince(StreamMark earlier) => Mark.SecondsSince(((CudaStreamMark)earlier).Mark);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Mark.Dispose();
        }
    }
}
