namespace Actors.Gpu.Driver;

/// <summary>Compiled kernels that are loaded on a GPU.</summary>
internal sealed unsafe class CudaModule : IDisposable
{
    private readonly CudaContext _context;
    private readonly string _name;
    private nint _module;

    /// <summary>Loads a cubin.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="name">Whose kernels these are, for errors.</param>
    /// <param name="image">The cubin.</param>
    public CudaModule(CudaContext context, string name, ReadOnlySpan<byte> image)
    {
        (_context, _name) = (context, name);
        context.Enter();
        fixed (byte* first = image)
        {
            CudaStatus status = CudaDriver.cuModuleLoadData(out _module, first);
            if (status != CudaStatus.Success)
            {
                throw CudaCall.Failure(status, context.Device.Number, $"cuModuleLoadData of {name}");
            }
        }
    }

    /// <summary>A kernel by its name in the source, declared <c>extern "C"</c>.</summary>
    /// <param name="kernel">The name.</param>
    public CudaKernel Kernel(string kernel)
    {
        _context.Enter();
        nint function;
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(kernel + '\0'))
        {
            CudaStatus status = CudaDriver.cuModuleGetFunction(out function, _module, text);
            if (status != CudaStatus.Success)
            {
                throw CudaCall.Failure(status, _context.Device.Number, $"cuModuleGetFunction of {kernel} in {_name}");
            }
        }

        return new CudaKernel(_context, kernel, function);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_module != 0)
        {
            _context.Enter();
            _context.Check(CudaDriver.cuModuleUnload(_module));
            _module = 0;
        }
    }
}
