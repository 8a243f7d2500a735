namespace Actors.Tensors;

/// <summary>A device whose allocations a <see cref="MemoryTally"/> counts as a kind. All else is the device's own.</summary>
internal sealed class TalliedBackend(IBackend inner, MemoryTally tally, MemoryKind kind) : IBackend
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public IBackend Device => inner.Device;

    /// <inheritdoc/>
    public bool RunsAtOnce => inner.RunsAtOnce;

    /// <inheritdoc/>
    public Precision Precision => inner.Precision;

    /// <inheritdoc/>
    public long? FreeBytes => inner.FreeBytes;

    /// <inheritdoc/>
    public long TotalBytes => inner.TotalBytes;

    /// <inheritdoc/>
    public long StreamBytes => inner.StreamBytes;

    /// <inheritdoc/>
    public bool OrdersStreams => inner.OrdersStreams;

    /// <inheritdoc/>
    public IBackend For(MemoryKind other) => other == kind ? this : new TalliedBackend(inner, tally, other);

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => Counted(inner.Allocate(bytes), onHost: false);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => Counted(inner.AllocateHost(bytes), inner.OrdersStreams);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => inner.ImportHost(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => Counted(inner.CreateWeight(groups, outputs, inputs));

    /// <inheritdoc/>
    public Weight CreateMaster(int groups, int outputs, int inputs) => Counted(inner.CreateMaster(groups, outputs, inputs));

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => inner.WeightBytes(groups, outputs, inputs, trains);

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => inner.CreateMark(isTimed);

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) =>
        inner.CreateFlags([.. devices.Select(static device => device.Device)], tokens, limit);

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => inner.CreateStream(name, isUrgent);

    /// <summary>The device belongs to who made it.</summary>
    public void Dispose()
    {
    }

    private DeviceBuffer Counted(DeviceBuffer buffer, bool onHost)
    {
        buffer.CountIn(tally, MemoryTally.Place(kind, onHost));
        return buffer;
    }

    private Weight Counted(Weight weight)
    {
        tally.Add(weight);
        return weight;
    }
}
