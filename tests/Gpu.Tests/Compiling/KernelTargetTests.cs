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

    [Theory]
    [InlineData("sm_80")]
    [InlineData("sm_89")]
    [InlineData("sm_90")]
    [InlineData("sm_90a")]
    [InlineData("sm_120")]
    public void A_target_is_read_as_it_is_written(string name) => Assert.Equal(name, $"{KernelTarget.TryParse(name)}");

    [Theory]
    [InlineData("sm_75")]
    [InlineData("sm_80a")]
    [InlineData("sm_90aa")]
    [InlineData("sm_+90")]
    [InlineData("sm_")]
    [InlineData("90")]
    [InlineData("")]
    public void What_kernels_are_not_compiled_for_is_no_target(string name) => Assert.Null(KernelTarget.TryParse(name));
}
