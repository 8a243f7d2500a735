namespace Actors.Gpu.Compiling;

/// <summary>A file of a <see cref="KernelBuild"/> is there.</summary>
/// <param name="File">Name of the kernel file.</param>
/// <param name="Target">What for.</param>
/// <param name="IsNew">Whether it was compiled now; the folder had it otherwise.</param>
/// <param name="Done">Files that are there.</param>
/// <param name="All">Files of the build.</param>
public sealed record CompiledKernel(string File, KernelTarget Target, bool IsNew, int Done, int All);
