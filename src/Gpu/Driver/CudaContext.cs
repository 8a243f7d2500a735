using Actors.Gpu.Devices;

namespace Actors.Gpu.Driver;

/// <summary>
/// A GPU that is in use: its primary context, which all ranks of the process on this GPU share. Every thread that calls the driver makes it current first
/// (<see cref="Enter"/>): the driver keeps the current context a thread.
/// </summary>
internal sealed class CudaContext : IDisposable
{
    [ThreadStatic]
    private static nint _current;

    private readonly nint _context;

    /// <summary>Takes the GPU into use.</summary>
    /// <exception cref="CudaException">It cannot be.</exception>
    public CudaContext(GpuDevice device)
    {
        if (device.Obstacle is { } obstacle)
        {
            throw new CudaException($"GPU {device.Number} ({device.Name}) is not used: {obstacle}");
        }

        Device = device;
        int handle = GpuMachine.HandleOf(device.Number);
        CudaCall.Check(CudaDriver.cuDeviceGetAttribute(out int sharedBytes, DeviceAttribute.MostSharedBytes, handle), device.Number);
        MostSharedBytes = sharedBytes;
        CudaCall.Check(CudaDriver.cuDevicePrimaryCtxRetain(out _context, handle), device.Number);
    }

    /// <summary>The GPU.</summary>
    public GpuDevice Device { get; }

    /// <summary>Most shared memory that a block can ask for.</summary>
    public int MostSharedBytes { get; }

    /// <summary>Makes it the calling thread's.</summary>
    public void Enter()
    {
        if (_current != _context)
        {
            Check(CudaDriver.cuCtxSetCurrent(_context));
            _current = _context;
        }
    }

    /// <summary>Lets this GPU's kernels and copies read and write the memory of another.</summary>
    public void Reach(CudaContext other)
    {
        Enter();
        CudaStatus status = CudaDriver.cuCtxEnablePeerAccess(other._context, flags: 0);
        Check(status == CudaStatus.PeerAccessAlreadyEnabled ? CudaStatus.Success : status, nameof(CudaDriver.cuCtxEnablePeerAccess));
    }

    /// <summary>Throws unless a call for this GPU worked.</summary>
    public void Check(CudaStatus status, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(status))] string call = "") =>
        CudaCall.Check(status, Device.Number, call);

    /// <summary>Bytes that nobody has allocated.</summary>
    public long FreeBytes()
    {
        Enter();
        Check(CudaDriver.cuMemGetInfo_v2(out nuint free, out _));
        return checked((long)free);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_current == _context)
        {
            _current = 0;
        }

        CudaCall.Check(CudaDriver.cuDevicePrimaryCtxRelease_v2(GpuMachine.HandleOf(Device.Number)), Device.Number);
    }
}
