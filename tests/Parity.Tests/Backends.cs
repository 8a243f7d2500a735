using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>The one place that lists what is compared with the scalar reference. A backend joins by one line.</summary>
internal static class Backends
{
    private static readonly Dictionary<string, Func<IBackend>> Factories = new()
    {
        ["scalar"] = () => new ScalarBackend(),
        ["cpu"] = () => new CpuBackend(),
    };

    public static IEnumerable<string> Names => Factories.Keys;

    public static IBackend Create(string name) => Factories[name]();
}
