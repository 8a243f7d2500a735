using System.Globalization;
using Actors.Gpu.Devices;

namespace Actors.Gpu.Compiling;

/// <summary>What kernels are compiled for: an architecture, with the instructions that it alone has or without them.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="HasOwnPath">Whether instructions are used that no other architecture has (sm_90a): the code of the kernels asks for <c>__CUDA_ARCH_FEAT_SM90_ALL</c>.</param>
public readonly record struct KernelTarget(GpuArchitecture Architecture, bool HasOwnPath)
{
    /// <summary>The architecture with a path of its own: Hopper's asynchronous tensor cores and bulk copies.</summary>
    public static GpuArchitecture Hopper { get; } = new(9, 0);

    /// <summary>What the kernels have paths for: the least card, and Hopper.</summary>
    public static IReadOnlyList<KernelTarget> WithPaths { get; } = [Of(GpuArchitecture.Least), Of(Hopper)];

    /// <summary>The target of a GPU.</summary>
    /// <param name="device">Its architecture.</param>
    /// <param name="isGeneral">Whether the general path is taken also where the architecture has its own.</param>
    public static KernelTarget Of(GpuArchitecture device, bool isGeneral = false) => new(device, device == Hopper && !isGeneral);

    /// <summary>Reads a name such as <c>sm_80</c> or <c>sm_90a</c>; null: there is no such target.</summary>
    public static KernelTarget? TryParse(string? name)
    {
        if (name is null || !name.StartsWith("sm_", StringComparison.Ordinal))
        {
            return null;
        }

        string digits = name[3..].TrimEnd('a');
        if (digits.Length is not (2 or 3) || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return null;
        }

        var architecture = new GpuArchitecture(number / 10, number % 10);
        var target = new KernelTarget(architecture, HasOwnPath: name.EndsWith('a'));
        return target.ToString() == name && architecture.CompareTo(GpuArchitecture.Least) >= 0 && (architecture == Hopper || !target.HasOwnPath) ? target : null;
    }

    /// <summary>As NVRTC names it: <c>sm_80</c>, <c>sm_90a</c>.</summary>
    public override string ToString() => HasOwnPath ? $"{Architecture}a" : $"{Architecture}";
}
