using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>A backend one of whose streams is another backend's: what is enqueued there fails, as on a broken device.</summary>
internal sealed class ForeignStreamBackend(string streamName) : IBackend
{
    private readonly CpuBackend _backend = new();
    private readonly ScalarBackend _foreign = new();

    public string Name => _backend.Name;

    public DeviceBuffer Allocate(long bytes) => _backend.Allocate(bytes);

    public Weight CreateWeight(int groups, int outputs, int inputs) => _backend.CreateWeight(groups, outputs, inputs);

    public IStream CreateStream(string name) => name == streamName ? _foreign.CreateStream(name) : _backend.CreateStream(name);

    public void Dispose() => _backend.Dispose();
}
