namespace Actors.Gpu.Driver;

/// <summary>A stream of the driver: work runs in the order in which it was enqueued.</summary>
internal sealed class CudaQueue : IDisposable
{
    /// <summary>It does not wait for the default stream (CU_STREAM_NON_BLOCKING).</summary>
    private const uint NonBlocking = 1;

    /// <summary>A smaller number goes first; the driver takes the smallest that it has.</summary>
    private const int Urgent = -100;

    /// <summary>The actors of a rank capture from several threads in turn (CU_STREAM_CAPTURE_MODE_RELAXED).</summary>
    private const uint RelaxedCapture = 2;

    private readonly CudaContext _context;
    private nint _stream;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="isUrgent">Whether its blocks are placed before those of other queues; blocks that run are not interrupted.</param>
    /// <param name="multiprocessors">Multiprocessors that its launches fill at most, of those that can be asked to; null: all.</param>
    public CudaQueue(CudaContext context, bool isUrgent = false, int? multiprocessors = null)
    {
        _context = context;
        Multiprocessors = multiprocessors ?? context.Device.Multiprocessors;
        context.Enter();
        context.Check(CudaDriver.cuStreamCreateWithPriority(out _stream, NonBlocking, isUrgent ? Urgent : 0));
    }

    /// <summary>The driver's.</summary>
    public nint Handle => _stream;

    /// <summary>The GPU.</summary>
    public CudaContext Context => _context;

    /// <summary>Multiprocessors that its launches fill at most.</summary>
    public int Multiprocessors { get; }

    /// <summary>Whether these are not all: others are left to another queue.</summary>
    public bool SharesGpu => Multiprocessors < _context.Device.Multiprocessors;

    /// <summary>Enqueues a copy between memories of GPUs and pinned memory, in any direction.</summary>
    public void Copy(nuint to, nuint from, long bytes)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuMemcpyAsync(to, from, checked((nuint)bytes), _stream));
    }

    /// <summary>Enqueues to set bytes.</summary>
    public void Fill(nuint address, byte value, long bytes)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuMemsetD8Async(address, value, checked((nuint)bytes), _stream));
    }

    /// <summary>Enqueues a mark.</summary>
    public void Record(CudaMark mark)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuEventRecord(mark.Handle, _stream));
    }

    /// <summary>Enqueues to wait for a mark of another queue, as it was last recorded.</summary>
    public void Wait(CudaMark mark)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuStreamWaitEvent(_stream, mark.Handle, flags: 0));
    }

    /// <summary>Enqueues to write a number, after all that was enqueued before it.</summary>
    /// <param name="address">A multiple of 4, in pinned memory or the GPU's.</param>
    /// <param name="value">The number.</param>
    public void Write(nuint address, uint value)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuStreamWriteValue32_v2(_stream, address, value, flags: 0));
    }

    /// <summary>From here on work is captured, not run; other threads may call the driver meanwhile.</summary>
    public void BeginCapture()
    {
        _context.Enter();
        _context.Check(CudaDriver.cuStreamBeginCapture_v2(_stream, RelaxedCapture));
    }

    /// <summary>Ends what <see cref="BeginCapture"/> began.</summary>
    public CudaGraph EndCapture()
    {
        _context.Enter();
        _context.Check(CudaDriver.cuStreamEndCapture(_stream, out nint graph));
        return new CudaGraph(_context, graph);
    }

    /// <summary>Enqueues captured work.</summary>
    public void Launch(CudaGraph graph)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuGraphLaunch(graph.Handle, _stream));
    }

    /// <summary>How the queue has failed; null: it has not, so far.</summary>
    public CudaException? Failure()
    {
        _context.Enter();
        CudaStatus status = CudaDriver.cuStreamQuery(_stream);
        return status is CudaStatus.Success or CudaStatus.NotReady ? null : CudaCall.Failure(status, _context.Device.Number, "work on a stream");
    }

    /// <summary>Waits in the calling thread until everything has run: at the start and the end of programs, never within a step.</summary>
    public void Drain()
    {
        _context.Enter();
        _context.Check(CudaDriver.cuStreamSynchronize(_stream));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stream != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuStreamDestroy_v2(_stream));
            _stream = 0;
        }
    }
}
