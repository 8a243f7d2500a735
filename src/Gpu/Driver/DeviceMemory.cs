namespace Actors.Gpu.Driver;

/// <summary>Memory of a GPU, from allocation to <see cref="Dispose"/>. Allocated once for a run, not within steps: allocating orders all streams.</summary>
internal sealed class DeviceMemory : IDisposable
{
    private readonly CudaContext _context;

    /// <summary>Allocates; what it holds is undefined.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="bytes">How many, above 0.</param>
    public DeviceMemory(CudaContext context, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        (_context, Bytes) = (context, bytes);
        context.Enter();
        context.Check(CudaDriver.cuMemAlloc_v2(out nuint address, checked((nuint)bytes)));
        Address = address;
    }

    /// <summary>Where it begins, 256-byte aligned.</summary>
    public nuint Address { get; private set; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuMemFree_v2(Address));
            Address = 0;
        }
    }
}
