namespace Actors.Gpu.Driver;

/// <summary>Work that was captured from a queue, ready to be enqueued as a whole.</summary>
internal sealed class CudaGraph : IDisposable
{
    private readonly CudaContext _context;
    private nint _executable;

    /// <summary>Makes captured work ready, and frees the capture.</summary>
    public CudaGraph(CudaContext context, nint graph)
    {
        _context = context;
        context.Enter();
        CudaStatus status = CudaDriver.cuGraphInstantiateWithFlags(out _executable, graph, flags: 0);
        context.Check(CudaDriver.cuGraphDestroy(graph));
        context.Check(status, nameof(CudaDriver.cuGraphInstantiateWithFlags));
    }

    /// <summary>The driver's.</summary>
    public nint Handle => _executable;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_executable != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuGraphExecDestroy(_executable));
            _executable = 0;
        }
    }
}
