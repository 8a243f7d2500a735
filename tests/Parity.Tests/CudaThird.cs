namespace Actors.Parity.Tests;

/// <summary>Whether this run compares a GPU too.</summary>
public sealed class CudaThird
{
    [CudaFact]
    public void Operations_on_a_GPU_are_compared_in_this_run() => Assert.Contains("cuda", Backends.Names);

    /// <summary>Says why there is no third backend.</summary>
    private sealed class CudaFactAttribute : FactAttribute
    {
        public CudaFactAttribute() => Skip = Backends.CudaObstacle is { } obstacle ? $"No operation is compared on a GPU: {obstacle}" : null;
    }
}
