namespace Actors.Gpu.Driver;

/// <summary>A kernel that can be launched.</summary>
internal sealed unsafe class CudaKernel
{
    private readonly CudaContext _context;
    private readonly nint _function;
    private readonly int _sharedBytes;

    /// <summary>Made by <see cref="CudaModule.Kernel"/>.</summary>
    internal CudaKernel(CudaContext context, string name, nint function, int sharedBytes)
    {
        (_context, Name, _function, _sharedBytes) = (context, name, function, sharedBytes);
        if (sharedBytes > 0)
        {
            context.Check(CudaDriver.cuFuncSetAttribute(function, FunctionAttribute.MaxDynamicSharedSizeBytes, sharedBytes));
        }
    }

    /// <summary>Its name in the source.</summary>
    public string Name { get; }

    /// <summary>What it takes of a multiprocessor, for the report of resources.</summary>
    public KernelResources Resources => new(
        Attribute(FunctionAttribute.Registers), Attribute(FunctionAttribute.LocalSizeBytes), Attribute(FunctionAttribute.SharedSizeBytes) + _sharedBytes,
        Attribute(FunctionAttribute.MaxThreadsPerBlock));

    /// <summary>Enqueues a launch.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="threads">Threads a block.</param>
    /// <param name="parameters">Addresses of the values of its parameters, in order; read before the call returns.</param>
    public void Launch(CudaQueue queue, GridSize grid, int threads, ReadOnlySpan<nint> parameters)
    {
        _context.Enter();
        fixed (nint* first = parameters)
        {
            CudaStatus status = CudaDriver.cuLaunchKernel(
                _function, grid.X, grid.Y, grid.Z, (uint)threads, 1, 1, (uint)_sharedBytes, queue.Handle, (void**)first, null);
            if (status != CudaStatus.Success)
            {
                throw CudaCall.Failure(status, _context.Device.Number, $"cuLaunchKernel of {Name}, {grid.X} x {grid.Y} x {grid.Z} blocks of {threads} threads");
            }
        }
    }

    private int Attribute(FunctionAttribute attribute)
    {
        _context.Enter();
        _context.Check(CudaDriver.cuFuncGetAttribute(out int value, attribute, _function));
        return value;
    }
}
