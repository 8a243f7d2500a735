namespace Actors.Gpu.Compiling;

/// <summary>Makes cubins of kernel files.</summary>
internal interface IKernelCompiler
{
    /// <summary>Its version, 12.8 as (12, 8).</summary>
    (int Major, int Minor) Version { get; }

    /// <summary>Compiles a file; several threads may at once.</summary>
    /// <exception cref="CudaException">It does not compile: the compiler's messages, with their source lines.</exception>
    byte[] Compile(KernelSource source, KernelTarget target);
}
