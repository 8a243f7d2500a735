using Actors.Gpu.Compiling;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>The kernels of a GPU, each file compiled and loaded when its first kernel is asked for: before steps, not within them.</summary>
/// <param name="context">The GPU.</param>
/// <param name="store">Has its cubins.</param>
internal sealed class KernelLibrary(CudaContext context, CubinStore store) : IDisposable
{
    private readonly Dictionary<string, CudaModule> _modules = [];
    private readonly Dictionary<string, CudaKernel> _kernels = [];
    private readonly Dictionary<string, Lazy<byte[]>> _cubins = KernelSource.BuiltIn.Values.Where(source => !source.IsHeader).ToDictionary(
        source => source.Name, source => new Lazy<byte[]>(() => store.Take(source)));

    /// <summary>The GPU.</summary>
    public CudaContext Context => context;

    /// <summary>The kernels that have been loaded.</summary>
    public IEnumerable<CudaKernel> Loaded => _kernels.Values;

    /// <summary>Whether the kernels have the path of their card alone.</summary>
    public bool HasOwnPath => store.Target.HasOwnPath;

    /// <summary>Reads all files' cubins and compiles what is not there yet, on all processors: one after the other they take the better part of a minute.</summary>
    public void CompileAll() => Parallel.ForEach(_cubins.Values, static cubin =>
    {
        try
        {
            _ = cubin.Value;
        }
        catch (CudaException)
        {
            // Thrown again where a kernel of the file is loaded.
        }
    });

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
            string source = $"{file}.cu";
            module = new CudaModule(context, source, _cubins[source].Value);
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
