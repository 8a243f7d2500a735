using Actors.Gpu.Compiling;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>The kernels of a GPU, each file compiled and loaded when its first kernel is asked for: before steps, not within them.</summary>
/// <param name="context">The GPU.</param>
/// <param name="compiler">Compiles what the cache does not have.</param>
/// <param name="cache">Keeps cubins.</param>
/// <param name="isGeneral">Whether the path that every card has is taken also where this card has its own.</param>
internal sealed class KernelLibrary(CudaContext context, KernelCompiler compiler, KernelCache cache, bool isGeneral = false) : IDisposable
{
    private readonly Dictionary<string, CudaModule> _modules = [];
    private readonly Dictionary<string, CudaKernel> _kernels = [];
    private readonly KernelTarget _target = KernelTarget.Of(context.Device.Architecture, isGeneral);

    /// <summary>The GPU.</summary>
    public CudaContext Context => context;

    /// <summary>The kernels that have been loaded.</summary>
    public IEnumerable<CudaKernel> Loaded => _kernels.Values;

    /// <summary>Whether the kernels have the path of their card alone.</summary>
    public bool HasOwnPath => _target.HasOwnPath;

    /// <summary>A kernel whose rows are of one type; its name ends with it.</summary>
    /// <param name="file">Name of the file, without its ending.</param>
    /// <param name="type">How its rows are stored.</param>
    /// <param name="kernel">Name of the kernel without the type; null: the file's.</param>
    public CudaKernel Kernel(string file, ElementType type, string? kernel = null) =>
        Kernel(file, $"{kernel ?? file}_{type}".ToLowerInvariant());

    /// <summary>A kernel by file and name.</summary>
    /// <param name="file">Name of the file, without its ending.</param>
    /// <param name="name">The kernel's name.</param>
    public CudaKernel Kernel(string file, string name)
    {
        if (_kernels.TryGetValue(name, out CudaKernel? kernel))
        {
            return kernel;
        }

        if (!_modules.TryGetValue(file, out CudaModule? module))
        {
            KernelSource source = KernelSource.BuiltIn[$"{file}.cu"];
            byte[] cubin = cache.Take(source, _target, compiler.Version, () => compiler.Compile(source, _target));
            module = new CudaModule(context, source.Name, cubin);
            _modules.Add(file, module);
        }

        kernel = module.Kernel(name);
        _kernels.Add(name, kernel);
        return kernel;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaModule module in _modules.Values)
        {
            module.Dispose();
        }

        _modules.Clear();
        _kernels.Clear();
    }
}
