namespace Actors.Parity.Tests;

/// <summary>Whether this run compares a GPU too.</summary>
public sealed class CudaThird
{
    [CudaFact]
    public void Operations_on_a_GPU_are_compared_in_this_run() => Assert.Contains("cuda", Backends.Names);
}
