using Actors.Gpu;
using Actors.Gpu.Backend;
using Actors.Gpu.Devices;

namespace Actors.Parity.Tests;

/// <summary>GPUs of the machine that reach each other's memory, at most four; kept, since to open them takes long.</summary>
internal static class CudaGroup
{
    private const int MostGpus = 4;

    private static readonly Lazy<(CudaBackend[] Devices, string? Obstacle)> Opened = new(Open);

    /// <summary>Why there are no two; null: there are.</summary>
    public static string? Obstacle => Opened.Value.Obstacle;

    /// <summary>The GPUs.</summary>
    public static IReadOnlyList<CudaBackend> Devices => Opened.Value.Devices;

    private static (CudaBackend[] Devices, string? Obstacle) Open()
    {
        try
        {
            GpuDevice[] devices = [.. GpuMachine.Read().Devices.Take(MostGpus)];
            return devices.Length < 2 ? ([], "the machine has one GPU") : (CudaBackend.Open(devices), null);
        }
        catch (CudaException missing)
        {
            return ([], missing.Message);
        }
    }
}
