namespace Actors.Gpu.Compiling;

/// <summary>
/// A card's cubins: from a folder that was made ahead, from the cache of this machine, or compiled. The compiler is loaded when something must be compiled, or its
/// version is needed to know the cache's files: with a folder that has all, never.
/// </summary>
internal sealed class CubinStore
{
    private readonly KernelFolder? _folder;
    private readonly KernelCache _cache;
    private readonly Lazy<IKernelCompiler> _compiler;

    /// <summary>Makes the store of a card.</summary>
    /// <param name="card">What the card runs.</param>
    /// <param name="folder">Kernels that were made ahead; null: none.</param>
    /// <param name="cache">Keeps what is compiled.</param>
    /// <param name="loadCompiler">Loads the compiler.</param>
    public CubinStore(KernelTarget card, KernelFolder? folder, KernelCache cache, Func<IKernelCompiler> loadCompiler)
    {
        _folder = folder;
        _cache = cache;
        _compiler = new Lazy<IKernelCompiler>(loadCompiler);
        Target = folder?.TargetFor(card) ?? card;
    }

    /// <summary>What its cubins are for.</summary>
    public KernelTarget Target { get; }

    /// <summary>The store of a card with the user's cache and NVRTC.</summary>
    public static CubinStore Of(KernelTarget card, KernelFolder? folder = null) =>
        new(card, folder, new KernelCache(KernelCache.DefaultFolder), static () => new KernelCompiler());

    /// <summary>The cubin of a file; several threads may ask at once.</summary>
    /// <exception cref="CudaException">It is nowhere, and there is no compiler or the file does not compile; the message says what to do.</exception>
    public byte[] Take(KernelSource source) => _folder?.TryTake(source, Target) ?? _cache.Take(source, Target, Compiler(source));

    private IKernelCompiler Compiler(KernelSource source)
    {
        try
        {
            return _compiler.Value;
        }
        catch (CudaException missing) when (_folder is not null)
        {
            string lack = _folder.Targets.Contains(Target) ? $"has no {source.Name} of this version of the program" : $"has no kernels for {Target}";
            throw new CudaException(
                $"the folder of kernels {_folder} {lack}: make them with actors kernels build --architecture {Target} where NVRTC is; here {missing.Message}", missing);
        }
    }
}
