using Actors.Gpu.Compiling;
using Actors.Gpu.Devices;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>What kernels are compiled for.</summary>
public sealed class KernelTargetTests
{
    [Theory]
    [InlineData(8, 0, false, "sm_80")]
    [InlineData(8, 9, false, "sm_89")]
    [InlineData(9, 0, false, "sm_90a")]
    [InlineData(9, 0, true, "sm_90")]
    [InlineData(10, 0, false, "sm_100")]
    public void Hopper_alone_has_a_path_of_its_own(int major, int minor, bool isGeneral, string name) =>
        Assert.Equal(name, $"{KernelTarget.Of(new GpuArchitecture(major, minor), isGeneral)}");
}
