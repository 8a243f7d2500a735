using System.Runtime.CompilerServices;

namespace Actors.Gpu.Driver;

/// <summary>
/// Memory of the host that somebody else owns, such as a mapped file, registered with the driver: its pages are pinned, and kernels and copies of all GPUs of the
/// process reach it over the bus. It is to be let go before its owner frees it, and after the last work that uses it.
/// </summary>
internal sealed class RegisteredMemory : IDisposable
{
    /// <summary>All contexts of the process see it as pinned (CU_MEMHOSTREGISTER_PORTABLE), and kernels reach it (DEVICEMAP).</summary>
    private const uint Portable = 1, DeviceMap = 2;

    private readonly CudaContext _context;
    private nint _address;

    /// <summary>Registers memory.</summary>
    /// <param name="context">A GPU of the process.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="bytes">How many, above 0.</param>
    /// <exception cref="CudaException">It cannot be pinned, or the GPU sees it at another address; the message names bytes and the limit of the system.</exception>
    public RegisteredMemory(CudaContext context, nint address, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        _context = context;
        context.Enter();
        Check(CudaDriver.cuMemHostRegister_v2(address, (nuint)bytes, Portable | DeviceMap), bytes);
        _address = address;
        try
        {
            Check(CudaDriver.cuMemHostGetDevicePointer_v2(out nuint device, address, flags: 0), bytes);
            if (device != (nuint)address)
            {
                // A tensor has one address, which host and GPU both use.
                throw new CudaException($"GPU {context.Device.Number} ({context.Device.Name}) sees {bytes} bytes of the host's memory at another address than the host");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_address != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuMemHostUnregister(_address));
            _address = 0;
        }
    }

    private void Check(CudaStatus status, long bytes, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        try
        {
            _context.Check(status, call);
        }
        catch (CudaException failure)
        {
            throw new CudaException($"{bytes} bytes of the host's memory could not be pinned for GPUs{LockedMemory.LimitText()}: {failure.Message}", failure) { Status = failure.Status };
        }
    }
}
