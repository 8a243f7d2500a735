using Actors.Gpu.Devices;

namespace Actors.Gpu.Tests.Devices;

/// <summary>What is said where there is no GPU, and where there is one.</summary>
public sealed class GpuMachineTests
{
    [Fact]
    public void A_machine_has_GPUs_or_says_in_one_line_why_not()
    {
        try
        {
            Assert.NotEmpty(GpuMachine.Read().Devices);
        }
        catch (CudaException missing)
        {
            Assert.DoesNotContain('\n', missing.Message);
            Assert.Contains(": ", missing.Message, StringComparison.Ordinal);
        }
    }
}
