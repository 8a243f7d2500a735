using System.Globalization;

namespace Actors.Gpu.Compiling;

/// <summary>Compiles all kernels for some targets into a folder that machines without a compiler run from. No GPU is needed.</summary>
public static class KernelBuild
{
    /// <summary>Makes the folder. Files that it has already are not compiled again; its list is written last.</summary>
    /// <param name="folder">The folder; it is made where it is missing.</param>
    /// <param name="targets">What for.</param>
    /// <param name="compiled">Called after each file, one call at a time.</param>
    /// <param name="stop">Ends it after the files under way.</param>
    /// <returns>What the folder has now.</returns>
    /// <exception cref="CudaException">NVRTC is missing, or a file does not compile.</exception>
    /// <exception cref="IOException">The folder cannot be made or written to.</exception>
    public static BuiltKernels Run(string folder, IReadOnlyList<KernelTarget> targets, Action<CompiledKernel> compiled, CancellationToken stop) =>
        Run(folder, targets, new KernelCompiler(), compiled, stop);

    /// <summary>The kernels that a run would find made ahead, in words; null: none.</summary>
    /// <param name="named">The folder that the settings name; null: that beside the program.</param>
    /// <exception cref="CudaException">The folder is none of kernels, or its list is damaged.</exception>
    public static string? Describe(string? named) => KernelFolder.Find(named)?.ToString();

    internal static BuiltKernels Run(
        string folder, IReadOnlyList<KernelTarget> targets, IKernelCompiler compiler, Action<CompiledKernel> compiled, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        (KernelSource Source, KernelTarget Target)[] all =
        [
            .. from target in targets from source in KernelSource.BuiltIn.Values where !source.IsHeader select (source, target),
        ];
        string[] files = new string[all.Length];
        var gate = new Lock();
        int done = 0;
        long bytes = 0;
        try
        {
            Parallel.For(0, all.Length, new ParallelOptions { CancellationToken = stop, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
            {
                (KernelSource source, KernelTarget target) = all[i];
                files[i] = CubinFile.NameOf(source, target, compiler.Version);
                string path = Path.Combine(folder, files[i]);
                bool isNew = CubinFile.TryRead(path) is null;
                if (isNew)
                {
                    CubinFile.Write(path, compiler.Compile(source, target));
                }

                lock (gate)
                {
                    bytes += new FileInfo(path).Length;
                    compiled(new CompiledKernel(source.Name, target, isNew, ++done, all.Length));
                }
            });
        }
        catch (AggregateException failures)
        {
            // Several files fail for one reason as a rule: the first says it.
            throw new CudaException(failures.InnerExceptions[0].Message, failures);
        }

        KernelFolder.Write(folder, compiler.Version, targets, files);
        return new BuiltKernels(string.Create(CultureInfo.InvariantCulture, $"{compiler.Version.Major}.{compiler.Version.Minor}"), files.Length, bytes);
    }
}
