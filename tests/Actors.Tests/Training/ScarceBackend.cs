using System.Diagnostics;
using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>A device that has no memory left for some of its users once it is armed.</summary>
/// <param name="users">
/// Types whose allocations fail, with the ones that they are called from: optimised code may hold several of them in one frame.
/// </param>
internal sealed class ScarceBackend(params string[] users) : IBackend
{
    private readonly CpuBackend _backend = new();
    private volatile bool _isArmed;

    public string Name => _backend.Name;

    public bool RunsAtOnce => _backend.RunsAtOnce;

    public void Arm() => _isArmed = true;

    public DeviceBuffer Allocate(long bytes) =>
        _isArmed && new StackTrace().ToString() is var callers && users.Any(user => callers.Contains(user, StringComparison.Ordinal))
            ? throw new OutOfMemoryException($"no {bytes} bytes left")
            : _backend.Allocate(bytes);

    public DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    public Weight CreateWeight(int groups, int outputs, int inputs) => _backend.CreateWeight(groups, outputs, inputs);

    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => _backend.WeightBytes(groups, outputs, inputs, trains);

    public Precision Precision => _backend.Precision;

    public long? FreeBytes => null;

    public bool OrdersStreams => false;

    public StreamMark CreateMark() => _backend.CreateMark();

    public IStream CreateStream(string name) => _backend.CreateStream(name);

    public void Dispose() => _backend.Dispose();
}
