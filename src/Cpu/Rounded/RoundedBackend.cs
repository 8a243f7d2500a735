using Actors.Tensors;

namespace Actors.Cpu.Rounded;

/// <summary>
/// The CPU with rows in bfloat16: what a backend of it computes in float32, rounded once at each operation's output. It says what a device that stores rows so
/// must come near to, and is slower than float32: rows are widened before an operation and rounded after it.
/// </summary>
/// <param name="float32">Allocates and computes; this backend's to free.</param>
/// <param name="precision">One with rows in bfloat16; null: <see cref="Precision.BFloat16"/>.</param>
public sealed class RoundedBackend(IBackend float32, Precision? precision = null) : IBackend
{
    /// <inheritdoc/>
    public string Name { get; } = $"{float32.Name}, bfloat16 rows{(precision?.Products == ElementType.E4M3 ? ", E4M3 products" : "")}";

    /// <inheritdoc/>
    public bool RunsAtOnce => float32.RunsAtOnce;

    /// <inheritdoc/>
    public Precision Precision { get; } = precision ?? Precision.BFloat16;

    /// <inheritdoc/>
    public long? FreeBytes => float32.FreeBytes;

    /// <inheritdoc/>
    public bool OrdersStreams => float32.OrdersStreams;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => float32.Allocate(bytes);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => float32.AllocateHost(bytes);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => float32.ImportHost(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => new RoundedWeight(float32, groups, outputs, inputs);

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) =>
        RoundedWeight.BytesOf(groups, outputs, inputs) + float32.WeightBytes(groups, outputs, inputs, trains);

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => float32.CreateMark(isTimed);

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) => HostFlags.Of(devices, tokens, limit);

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => new RoundedStream(name, float32.CreateStream(name, isUrgent), float32);

    /// <inheritdoc/>
    public void Dispose() => float32.Dispose();
}
