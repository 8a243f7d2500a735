using Actors.Gpu.Devices;

namespace Actors.Gpu.Compiling;

/// <summary>What kernels are compiled for: an architecture, with the instructions that it alone has or without them.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="HasOwnPath">Whether instructions are used that no other architecture has (sm_90a): the code of the kernels asks for <c>__CUDA_ARCH_FEAT_SM90_ALL</c>.</param>
internal readonly record struct KernelTarget(GpuArchitecture Architecture, bool HasOwnPath)
{
    /// <summary>The architecture with a path of its own: Hopper's asynchronous tensor cores and bulk copies.</summary>
    public static GpuArchitecture Hopper { get; } = new(9, 0);

    /// <summary>The target of a GPU.</summary>
    /// <param name="device">Its architecture.</param>
    /// <param name="isGeneral">Whether the general path is taken also where the architecture has its own.</param>
    public static KernelTarget Of(GpuArchitecture device, bool isGeneral = false) => new(device, device == Hopper && !isGeneral);

    /// <summary>As NVRTC names it: <c>sm_80</c>, <c>sm_90a</c>.</summary>
    public override string ToString() => HasOwnPath ? $"{Architecture}a" : $"{Architecture}";
}
