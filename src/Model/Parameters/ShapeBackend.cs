using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>
/// A device without memory: the blocks of a model made on it have names and shapes, but no values. It counts what it is asked for.
/// </summary>
public sealed class ShapeBackend : IBackend
{
    private readonly IBackend? _device;
    private readonly bool _trains;

    /// <summary>Stands for a device.</summary>
    /// <param name="device">The device that says what weights take; null: their values alone.</param>
    /// <param name="trains">Whether backward products would follow.</param>
    public ShapeBackend(IBackend? device = null, bool trains = false)
    {
        _device = device;
        _trains = trains;
    }

    /// <summary>Bytes that were asked for so far.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public string Name => "no device (shapes only)";

    /// <inheritdoc/>
    public bool RunsAtOnce => true;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes)
    {
        Bytes += bytes;
        return new ShapeBuffer(bytes, isHost: false);
    }

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes)
    {
        Bytes += bytes;
        return new ShapeBuffer(bytes, isHost: true);
    }

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => new BorrowedBuffer(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs)
    {
        Bytes += WeightBytes(groups, outputs, inputs, _trains);
        return new ShapeWeight(groups, outputs, inputs);
    }

    /// <inheritdoc/>
    public Weight CreateMaster(int groups, int outputs, int inputs)
    {
        var weight = new ShapeWeight(groups, outputs, inputs);
        Bytes += weight.Values.Buffer.Bytes;
        return weight;
    }

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) =>
        _device?.WeightBytes(groups, outputs, inputs, trains) ?? (long)groups * outputs * inputs * sizeof(float);

    /// <inheritdoc/>
    public Precision Precision => _device?.Precision ?? Precision.Float32;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <inheritdoc/>
    public bool OrdersStreams => _device?.OrdersStreams ?? false;

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => PassedMark.Instance;

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) => throw new NotSupportedException($"{Name} computes nothing.");

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => throw new NotSupportedException($"{Name} computes nothing.");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class ShapeBuffer(long bytes, bool isHost) : DeviceBuffer(0, bytes, isHost)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class ShapeWeight(int groups, int outputs, int inputs) : Weight(groups, outputs, inputs)
    {
        public override Tensor Values { get; } = new(
            new ShapeBuffer((long)groups * outputs * inputs * sizeof(float), isHost: false), 0, groups * outputs, inputs, inputs, ElementType.Float32);

        protected override void Dispose(bool disposing)
        {
        }
    }
}
