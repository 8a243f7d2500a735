namespace Actors.Gpu.Compiling;

/// <summary>What a <see cref="KernelBuild"/> has made.</summary>
/// <param name="CompilerVersion">Version of NVRTC, <c>13.0</c>.</param>
/// <param name="Files">Cubins.</param>
/// <param name="Bytes">Their bytes on disk.</param>
public sealed record BuiltKernels(string CompilerVersion, int Files, long Bytes);
