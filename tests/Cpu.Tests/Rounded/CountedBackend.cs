using Actors.Tensors;

namespace Actors.Cpu.Tests.Rounded;

/// <summary>The CPU in float32, which counts what is allocated.</summary>
internal sealed class CountedBackend : IBackend
{
    private readonly CpuBackend _inner = new();

    public int Allocations { get; private set; }

    public int Weights { get; private set; }

    public string Name => _inner.Name;

    public bool RunsAtOnce => true;

    public Precision Precision => _inner.Precision;

    public long? FreeBytes => null;

    public bool OrdersStreams => false;

    public DeviceBuffer Allocate(long bytes)
    {
        Allocations++;
        return _inner.Allocate(bytes);
    }

    public DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    public DeviceBuffer ImportHost(DeviceBuffer memory) => _inner.ImportHost(memory);

    public Weight CreateWeight(int groups, int outputs, int inputs)
    {
        Weights++;
        return _inner.CreateWeight(groups, outputs, inputs);
    }

    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => _inner.WeightBytes(groups, outputs, inputs, trains);

    public StreamMark CreateMark(bool isTimed = false) => _inner.CreateMark(isTimed);

    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) => _inner.CreateFlags(devices, tokens, limit);

    public IStream CreateStream(string name, bool isUrgent = false) => _inner.CreateStream(name, isUrgent);

    public void Dispose() => _inner.Dispose();
}
