using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Cpu.Scalar;
using Actors.Gpu;
using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>The one place that lists what is compared with the scalar reference. A backend joins by one line.</summary>
internal static class Backends
{
    private static readonly Lazy<(KeptBackend? Backend, string Obstacle)> Cuda = new(OpenCuda);

    private static readonly Dictionary<string, Func<IBackend>> Factories = new()
    {
        ["scalar"] = () => new ScalarBackend(),
        ["cpu"] = () => new CpuBackend(),
        ["scalar, bfloat16"] = () => new RoundedBackend(new ScalarBackend()),
        ["cpu, bfloat16"] = () => new RoundedBackend(new CpuBackend()),
        [Gpu] = () => Cuda.Value.Backend ?? throw new InvalidOperationException(CudaObstacle),
    };

    /// <summary>The name of the GPU, which has rows of both types.</summary>
    public const string Gpu = "cuda";

    /// <summary>What can be made on this machine; each takes float32.</summary>
    public static IEnumerable<string> Names => Factories.Keys.Where(name => name != Gpu || CudaObstacle is null);

    /// <summary>Those of them that compute rows of float32 as the scalar reference does.</summary>
    public static IEnumerable<string> References => Names.Where(name => name.StartsWith("scalar", StringComparison.Ordinal));

    /// <summary>Those of them that take rows of bfloat16.</summary>
    public static IEnumerable<string> NamesOfBFloat16 => Names.Where(name => name == Gpu || name.EndsWith("bfloat16", StringComparison.Ordinal));

    /// <summary>Why nothing is compared on a GPU; null: it is.</summary>
    public static string? CudaObstacle => Cuda.Value.Backend is null ? Cuda.Value.Obstacle : null;

    public static IBackend Create(string name) => Factories[name]();

    private static (KeptBackend?, string) OpenCuda()
    {
        try
        {
            return (new KeptBackend(new CudaBackend(GpuMachine.Read().Devices[0])), "");
        }
        catch (CudaException missing)
        {
            return (null, missing.Message);
        }
    }
}
