namespace Actors.Parity.Tests;

/// <summary>A test on several GPUs; it says why it is skipped where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CudaGroupFactAttribute : FactAttribute
{
    public CudaGroupFactAttribute() => Skip = CudaGroup.Obstacle is { } obstacle ? $"No two GPUs exchange rows: {obstacle}" : null;
}
