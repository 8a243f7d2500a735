using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>A backend that all tests share, since to make it takes long: it is not freed.</summary>
internal sealed class KeptBackend(IBackend inner) : IBackend
{
    public string Name => inner.Name;

    public bool RunsAtOnce => inner.RunsAtOnce;

    public Precision Precision => inner.Precision;

    public long? FreeBytes => inner.FreeBytes;

    public bool OrdersStreams => inner.OrdersStreams;

    public DeviceBuffer Allocate(long bytes) => inner.Allocate(bytes);

    public DeviceBuffer AllocateHost(long bytes) => inner.AllocateHost(bytes);

    public Weight CreateWeight(int groups, int outputs, int inputs) => inner.CreateWeight(groups, outputs, inputs);

    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => inner.WeightBytes(groups, outputs, inputs, trains);

    public StreamMark CreateMark() => inner.CreateMark();

    public IStream CreateStream(string name) => inner.CreateStream(name);

    public void Dispose()
    {
    }
}
