namespace Actors.Gpu.Libraries;

/// <summary>A shared library of CUDA.</summary>
/// <param name="Name">Name in the imports.</param>
/// <param name="Files">File names that a loader knows it by, newest version first.</param>
/// <param name="Advice">What to install where it is missing.</param>
public sealed record CudaLibrary(string Name, IReadOnlyList<string> Files, string Advice)
{
    private const string Toolkit = "install CUDA 12 or 13, or pip's nvidia packages, and name the folder by CUDA_HOME or actors.cuda.path";

    /// <summary>The driver. It comes with the kernel module, so that no other folder than the loader's has it.</summary>
    public static CudaLibrary Driver { get; } = new(
        "cuda", ["libcuda.so.1", "nvcuda.dll"], "install NVIDIA's driver; in a container, start it with access to the GPUs (--gpus all)");

    /// <summary>Compiles kernels.</summary>
    public static CudaLibrary Compiler { get; } = new(
        "nvrtc", ["libnvrtc.so.13", "libnvrtc.so.12", "nvrtc64_130_0.dll", "nvrtc64_120_0.dll"],
        $"{Toolkit}; or make the kernels where it is by actors kernels build, and name their folder by actors.cuda.kernels");

    /// <summary>Dense products.</summary>
    public static CudaLibrary Products { get; } = new("cublasLt", ["libcublasLt.so.13", "libcublasLt.so.12", "cublasLt64_13.dll", "cublasLt64_12.dll"], Toolkit);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CudaLibrary> All { get; } = [Driver, Compiler, Products];

    /// <summary>Whether a toolkit's folders may have it.</summary>
    internal bool IsOfToolkit => this != Driver;
}
