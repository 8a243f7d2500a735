namespace Actors.Gpu.Driver;

/// <summary>A place in a queue with its time by the GPU's clock (an event of the driver). Recorded again it is another place.</summary>
internal sealed class CudaMark : IDisposable
{
    /// <summary>CU_EVENT_DISABLE_TIMING.</summary>
    private const uint WithoutTime = 2;

    private readonly CudaContext _context;
    private nint _event;

    /// <summary>Makes a mark that lies nowhere yet.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="isTimed">Whether it has a time, which costs the GPU something; else it orders alone.</param>
    public CudaMark(CudaContext context, bool isTimed = true)
    {
        _context = context;
        context.Enter();
        context.Check(CudaDriver.cuEventCreate(out _event, isTimed ? 0 : WithoutTime));
    }

    /// <summary>The driver's.</summary>
    public nint Handle => _event;

    /// <summary>Seconds from an earlier mark to this one, by the GPU's clock. Both must have been reached.</summary>
    public double SecondsSince(CudaMark begin)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuEventElapsedTime(out float milliseconds, begin._event, _event));
        return milliseconds / 1e3;
    }

    /// <summary>Waits in the calling thread until it has been reached: where a bound on work under way was met, and at the ends of programs.</summary>
    public void AwaitOnHost()
    {
        _context.Enter();
        _context.Check(CudaDriver.cuEventSynchronize(_event));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_event != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuEventDestroy_v2(_event));
            _event = 0;
        }
    }
}
