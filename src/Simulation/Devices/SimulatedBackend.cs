using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A backend that computes with another one, and whose operations take virtual time: each stream runs at its own pace.</summary>
/// <param name="inner">Allocates and computes; this backend's to free.</param>
/// <param name="loop">Whose time operations take.</param>
/// <param name="costs">How long they take.</param>
/// <param name="ordersStreams">Whether ranks run ahead of it, ordered by marks alone, as on a GPU.</param>
public sealed class SimulatedBackend(IBackend inner, SimulationLoop loop, ICosts costs, bool ordersStreams = false) : IBackend
{
    /// <summary>Whether flags between ranks come no sooner than what was written before them; a device whose flags are no releases is wrong.</summary>
    public bool ReleasesFlags { get; init; } = true;

    /// <inheritdoc/>
    public string Name { get; } = $"simulated {inner.Name}";

    /// <inheritdoc/>
    public bool RunsAtOnce => false;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => inner.Allocate(bytes);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => inner.AllocateHost(bytes);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => inner.ImportHost(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => inner.CreateWeight(groups, outputs, inputs);

    /// <inheritdoc/>
    public Weight CreateMaster(int groups, int outputs, int inputs) => inner.CreateMaster(groups, outputs, inputs);

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => inner.WeightBytes(groups, outputs, inputs, trains);

    /// <inheritdoc/>
    public Precision Precision => inner.Precision;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <inheritdoc/>
    public bool OrdersStreams => ordersStreams;

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => new SimulatedMark(this, isTimed);

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(devices);
        return devices.Distinct().Count() == devices.Count
            ? new SimulatedFlags(inner, loop, devices.Count, tokens, limit, ReleasesFlags)
            : throw new ArgumentException("Ranks that wait for each other's flags have a device each, and two of these share one.", nameof(devices));
    }

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => new SimulatedStream(this, inner.CreateStream(name, isUrgent), new DelayedWork(loop), costs);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
