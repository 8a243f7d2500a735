using Actors.Gpu.Driver;

namespace Actors.Gpu.Tests.Driver;

public sealed class LockedMemoryTests
{
    [Theory]
    [InlineData("Max locked memory         8388608              16777216             bytes     ", " (the process may lock 8388608 bytes, ulimit -l)")]
    [InlineData("Max locked memory         unlimited            unlimited            bytes     ", "")]
    [InlineData("Max open files            1024                 4096                 files     ", "")]
    public void The_limit_is_the_soft_one(string line, string expected) =>
        Assert.Equal(expected, LockedMemory.TextOf(["Limit                     Soft Limit           Hard Limit           Units     ", line]));
}
