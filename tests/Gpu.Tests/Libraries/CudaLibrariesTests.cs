using Actors.Gpu.Libraries;

namespace Actors.Gpu.Tests.Libraries;

/// <summary>A library that is nowhere.</summary>
public sealed class CudaLibrariesTests
{
    [Fact]
    public void A_missing_library_is_named_with_what_to_install()
    {
        var library = new CudaLibrary("none", ["libactors-has-none.so.1", "actors-has-none.dll"], "install it");

        string message = Assert.Throws<CudaException>(() => CudaLibraries.Load(library)).Message;

        Assert.Contains("actors-has-none", message, StringComparison.Ordinal);
        Assert.Contains("CUDA_HOME", message, StringComparison.Ordinal);
        Assert.EndsWith(": install it", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
