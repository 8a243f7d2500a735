namespace Actors.Parity.Tests;

/// <summary>A test on a GPU; it says why it is skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = Backends.CudaObstacle is { } obstacle ? $"No operation is compared on a GPU: {obstacle}" : null;
}
