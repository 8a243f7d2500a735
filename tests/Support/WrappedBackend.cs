using Actors.Tensors;

namespace Actors.Tests.Support;

/// <summary>A backend that is another one but for what a test changes of it.</summary>
/// <param name="inner">The other.</param>
public abstract class WrappedBackend(IBackend inner) : IBackend
{
    private IBackend Inner => inner;

    public string Name => inner.Name;

    public bool RunsAtOnce => inner.RunsAtOnce;

    public virtual Precision Precision => inner.Precision;

    public long? FreeBytes => inner.FreeBytes;

    public virtual bool OrdersStreams => inner.OrdersStreams;

    public virtual DeviceBuffer Allocate(long bytes) => inner.Allocate(bytes);

    public virtual DeviceBuffer AllocateHost(long bytes) => inner.AllocateHost(bytes);

    public virtual DeviceBuffer ImportHost(DeviceBuffer memory) => inner.ImportHost(memory);

    public virtual Weight CreateWeight(int groups, int outputs, int inputs) => inner.CreateWeight(groups, outputs, inputs);

    public virtual Weight CreateMaster(int groups, int outputs, int inputs) => inner.CreateMaster(groups, outputs, inputs);

    public virtual long WeightBytes(int groups, int outputs, int inputs, bool trains) => inner.WeightBytes(groups, outputs, inputs, trains);

    public virtual StreamMark CreateMark(bool isTimed = false) => inner.CreateMark(isTimed);

    public virtual ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) =>
        inner.CreateFlags([.. devices.Select(device => device is WrappedBackend wrapped ? wrapped.Inner : device)], tokens, limit);

    public virtual IStream CreateStream(string name, bool isUrgent = false) => inner.CreateStream(name, isUrgent);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => inner.Dispose();
}
