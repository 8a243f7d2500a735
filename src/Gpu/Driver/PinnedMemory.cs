using System.Runtime.InteropServices;

namespace Actors.Gpu.Driver;

/// <summary>Memory of the host that GPUs reach: copies from and to it run beside the host, and kernels and streams write into it.</summary>
internal sealed unsafe class PinnedMemory : IDisposable
{
    /// <summary>All contexts of the process see it as pinned (CU_MEMHOSTALLOC_PORTABLE), at the host's address (DEVICEMAP).</summary>
    private const uint Portable = 1, DeviceMap = 2;

    private readonly CudaContext _context;
    private nint _address;

    /// <summary>Allocates zeros.</summary>
    /// <param name="context">A GPU of the process.</param>
    /// <param name="bytes">How many, above 0.</param>
    public PinnedMemory(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        (_context, Bytes) = (context, bytes);
        context.Enter();
        context.Check(CudaDriver.cuMemHostAlloc(out _address, (nuint)bytes, Portable | DeviceMap));
        NativeMemory.Clear((void*)_address, (nuint)bytes);
    }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Where it begins, for GPUs too: host and GPUs share addresses wherever 64-bit programs run.</summary>
    public nuint Address => (nuint)_address;

    /// <summary>Its bytes, where they are fewer than 2³¹.</summary>
    public Span<byte> Span => new((void*)_address, checked((int)Bytes));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_address != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuMemFreeHost(_address));
            _address = 0;
        }
    }
}
